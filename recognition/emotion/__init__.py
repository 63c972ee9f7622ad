"""Opinions on the emotion of a face, by anatomy, by a picture network, by a visual language model, and their fusion."""
