"""The structural prior, VQ-AUFace: faces to learn from, its stages, its weights and its table of the mean face."""
