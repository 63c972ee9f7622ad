"""`HeadPose`: how a head is turned, and the rotation that this is."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from auface.facs import Expression

Floats = NDArray[np.float32]

REACH = (30.0, 20.0, 18.0)
"""Degrees of yaw, pitch and roll at intensity 5 of units 51 to 56; a choice of this project."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadPose:
    """Turn of the head, in the subject's own directions.

    Attributes:
        yaw: Degrees toward the subject's left, -180 to 180.
        pitch: Degrees up, -90 to 90.
        roll: Degrees toward the left shoulder, -180 to 180.
    """

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0

    def __post_init__(self) -> None:
        for name, limit in (("yaw", 180), ("pitch", 90), ("roll", 180)):
            value = getattr(self, name)
            if not -limit <= value <= limit:  # also true for NaN
                raise ValueError(f"`{name}` is {value!r}; accepted are degrees from -{limit} to {limit}.")

    @classmethod
    def parse(cls, text: str) -> HeadPose:
        """Read a pose.

        Args:
            text: "yaw,pitch,roll" in degrees; what is left out is 0.

        Raises:
            ValueError: Other text, or a number out of range.
        """
        try:
            numbers = [float(part) for part in text.split(",")] if text.strip() else []
            if len(numbers) > 3:
                raise ValueError
        except ValueError:
            raise ValueError(
                f"`pose` is {text!r}; accepted is 'yaw,pitch,roll' in degrees, such as '20,-5,0'."
            ) from None
        yaw, pitch, roll = (*numbers, 0.0, 0.0, 0.0)[:3]
        return cls(yaw=yaw, pitch=pitch, roll=roll)

    @classmethod
    def of(cls, rotation: Floats) -> HeadPose:
        """Return the pose of a rotation; the inverse of `rotation`.

        Args:
            rotation: (3, 3) rotation matrix.
        """
        matrix = np.asarray(rotation, np.float64)
        pitch = math.asin(float(np.clip(-matrix[1, 2], -1, 1)))
        yaw = math.atan2(matrix[0, 2], matrix[2, 2])
        roll = math.atan2(matrix[1, 0], matrix[1, 1])
        return cls(yaw=math.degrees(yaw), pitch=-math.degrees(pitch), roll=-math.degrees(roll))

    def turned(self, expression: Expression) -> HeadPose:
        """Return the pose after the head turns of an expression (units 51 to 56) are added.

        Args:
            expression: The expression.
        """
        value = {unit: expression.intensity(unit) / 5 for unit in (51, 52, 53, 54, 55, 56)}
        yaw, pitch, roll = REACH
        return HeadPose(
            yaw=self.yaw + yaw * (value[51] - value[52]),
            pitch=self.pitch + pitch * (value[53] - value[54]),
            roll=self.roll + roll * (value[55] - value[56]),
        )

    def mirrored(self) -> HeadPose:
        """Return the pose seen in a mirror."""
        return HeadPose(yaw=-self.yaw, pitch=self.pitch, roll=-self.roll)

    @property
    def rotation(self) -> Floats:
        """(3, 3) matrix R; a point p of the face goes to R p: about z (roll), then x (pitch), then y (yaw)."""
        y, p, r = np.radians([self.yaw, -self.pitch, -self.roll])
        about_y = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
        about_x = np.array([[1, 0, 0], [0, np.cos(p), -np.sin(p)], [0, np.sin(p), np.cos(p)]])
        about_z = np.array([[np.cos(r), -np.sin(r), 0], [np.sin(r), np.cos(r), 0], [0, 0, 1]])
        return (about_y @ about_x @ about_z).astype(np.float32)
