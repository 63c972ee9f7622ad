"""What nodes show on the page."""

class PreviewText:
    def __init__(self, value: str) -> None: ...
