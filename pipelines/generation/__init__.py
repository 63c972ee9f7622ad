"""`auface generate`: `request` (what is asked for) -> `base` (the model) -> `artist` -> `sheet`, `picture_file`."""
