"""Block: what faces in pictures show."""
