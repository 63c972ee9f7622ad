"""auface-mini: the model that comes along, from synthetic heads to its weights."""
