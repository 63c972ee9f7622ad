"""The recognizer: finder of faces, crop network and reader of landmarks, from synthetic heads to their weights."""
