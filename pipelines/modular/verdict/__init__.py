"""Block: whether pictures show what was asked."""
