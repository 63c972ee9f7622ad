"""Sizes that pictures are trained at, and which window of a picture is seen: one that never crops the face away."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image

Box = tuple[float, float, float, float]
"""x0, y0, x1, y1 in pixels."""


@dataclass(frozen=True, slots=True)
class Placement:
    """How a picture is brought to the size of its bucket.

    Attributes:
        width: Of the bucket, in pixels.
        height: Of the bucket, in pixels.
        window: The part of the picture that is seen; it may reach beyond the picture, whose border then goes on.
    """

    width: int
    height: int
    window: Box

    @property
    def scale(self) -> float:
        """Pixels of the bucket for a pixel of the picture."""
        return self.width / (self.window[2] - self.window[0])

    def cropped(self, width: int, height: int) -> float:
        """Return the share of a picture that is not seen, 0 to 1.

        Args:
            width: Of the picture.
            height: Of the picture.
        """
        x0, y0, x1, y1 = self.window
        return 1 - (min(x1, width) - max(x0, 0)) * (min(y1, height) - max(y0, 0)) / (width * height)

    def padded(self, width: int, height: int) -> bool:
        """Return whether the window reaches beyond a picture.

        Args:
            width: Of the picture.
            height: Of the picture.
        """
        x0, y0, x1, y1 = self.window
        return x0 < -0.5 or y0 < -0.5 or x1 > width + 0.5 or y1 > height + 0.5

    def apply(self, picture: Image.Image) -> Image.Image:
        """Return the picture at the size of the bucket.

        Args:
            picture: RGB.
        """
        x0, y0, x1, y1 = self.window
        inside = (max(x0, 0.0), max(y0, 0.0), min(x1, float(picture.width)), min(y1, float(picture.height)))
        left, top, right, bottom = (
            round((edge - start) * self.scale) for edge, start in zip(inside, (x0, y0, x0, y0), strict=True)
        )
        size = (max(1, min(right, self.width) - left), max(1, min(bottom, self.height) - top))
        seen = picture.resize(size, Image.Resampling.LANCZOS, box=inside)
        if size == (self.width, self.height):
            return seen
        # The border goes on beyond the picture: each side is stretched from the outermost line of pixels.
        whole = Image.new("RGB", (self.width, self.height))
        row = Image.new("RGB", (self.width, size[1]))
        row.paste(seen.crop((0, 0, 1, size[1])).resize((max(1, left), size[1])), (0, 0))
        rest = self.width - left - size[0]
        if rest > 0:
            row.paste(seen.crop((size[0] - 1, 0, size[0], size[1])).resize((rest, size[1])), (left + size[0], 0))
        row.paste(seen, (left, 0))
        if top > 0:
            whole.paste(row.crop((0, 0, self.width, 1)).resize((self.width, top)), (0, 0))
        below = self.height - top - size[1]
        if below > 0:
            last = row.crop((0, size[1] - 1, self.width, size[1])).resize((self.width, below))
            whole.paste(last, (0, top + size[1]))
        whole.paste(row, (0, top))
        return whole


def bucket_sizes(resolution: int, step: int, ratio: float) -> list[tuple[int, int]]:
    """Return the (width, height) of all buckets, of about the same area, the square first.

    Args:
        resolution: Side of the square in pixels.
        step: Sides are multiples of this.
        ratio: Longest side over shortest, at most.

    Raises:
        ValueError: The resolution is no multiple of the step.
    """
    if resolution % step:
        raise ValueError(f"`resolution` is {resolution}; accepted are multiples of `bucket_step`, {step}.")
    found = {(resolution, resolution)}
    for width in range(step, int(resolution * ratio) + 1, step):
        height = resolution * resolution // width // step * step
        if height and max(width, height) <= ratio * min(width, height):
            found |= {(width, height), (height, width)}
    return sorted(found, key=lambda size: (size != (resolution, resolution), size))


def place(width: int, height: int, face: Box | None, sizes: list[tuple[int, int]]) -> Placement:
    """Return the bucket that crops least, and a window that holds the whole face.

    Where no bucket can hold the face, the picture is not cropped at all, and its border goes on to fill the bucket.

    Args:
        width: Of the picture.
        height: Of the picture.
        face: Region that has to be seen, or None for the middle of the picture.
        sizes: Buckets, as (width, height).
    """
    region = face or (width / 4, height / 4, 3 * width / 4, 3 * height / 4)
    region = (max(0.0, region[0]), max(0.0, region[1]), min(width, region[2]), min(height, region[3]))
    best: tuple[float, Placement] | None = None
    for bucket_width, bucket_height in sizes:
        scale = max(bucket_width / width, bucket_height / height)
        seen_width, seen_height = bucket_width / scale, bucket_height / scale
        if region[2] - region[0] > seen_width + 1e-6 or region[3] - region[1] > seen_height + 1e-6:
            continue
        left = _start((width - seen_width) / 2, region[0], region[2], seen_width, width)
        top = _start((height - seen_height) / 2, region[1], region[3], seen_height, height)
        window = (left, top, left + seen_width, top + seen_height)
        cropped = 1 - seen_width * seen_height / (width * height)
        if best is None or cropped < best[0] - 1e-9:
            best = (cropped, Placement(bucket_width, bucket_height, window))
    if best is not None:
        return best[1]
    bucket_width, bucket_height = min(sizes, key=lambda size: abs(size[0] / size[1] - width / height))
    scale = min(bucket_width / width, bucket_height / height)
    extra_x, extra_y = (bucket_width / scale - width) / 2, (bucket_height / scale - height) / 2
    return Placement(bucket_width, bucket_height, (-extra_x, -extra_y, width + extra_x, height + extra_y))


def _start(middle: float, low: float, high: float, length: float, whole: int) -> float:
    """Return where a window of a length starts, as near to the middle as the region allows."""
    return min(max(middle, high - length, 0.0), low, whole - length)
