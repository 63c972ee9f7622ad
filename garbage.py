"""`seek_rarely`: how often a command looks for cyclic garbage."""

from __future__ import annotations

import gc

_OBJECTS = (50_000, 20, 20)


def seek_rarely() -> None:
    """Let Python look for cyclic garbage after 50,000 new objects instead of 700, and through all of them less often.

    Importing torch, diffusers and peft makes a million objects that stay, and to look through them again and again is a
    sixth of the time. It is a setting of the whole process: for a command, which is alone in its own.
    """
    gc.set_threshold(*_OBJECTS)
