"""What the reader's words mean: parts of the face, movements, and their meaning in FACS; idioms, feelings, small words.

A list of words is a text with commas: articles and possessives are left out, a star adds the usual inflections.
"""
