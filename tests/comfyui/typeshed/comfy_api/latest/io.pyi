"""Schemas of nodes."""

from collections.abc import Sequence
from enum import Enum
from typing import Any

from .ui import PreviewImage, PreviewText

class NumberDisplay(str, Enum):
    slider = "slider"

class Input: ...
class Output: ...

_Input = Input  # the classes of sockets have members of these names
_Output = Output

class NodeOutput:
    def __init__(self, *args: Any, ui: PreviewText | PreviewImage | None = None) -> None: ...

class Schema:
    def __init__(
        self,
        *,
        node_id: str,
        display_name: str,
        category: str,
        description: str,
        search_aliases: list[str],
        inputs: Sequence[Input],
        outputs: Sequence[Output],
        is_output_node: bool = False,
        is_input_list: bool = False,
    ) -> None: ...

class ComfyNode: ...

class _Outgoing:
    class Output(_Output):
        def __init__(
            self, id: str, *, display_name: str | None = None, tooltip: str, is_output_list: bool = False
        ) -> None: ...

class _Socket(_Outgoing):
    class Input(_Input):
        def __init__(self, id: str, *, optional: bool = False, tooltip: str) -> None: ...

def Custom(io_type: str) -> type[_Socket]: ...

class Image(_Socket): ...
class Mask(_Socket): ...
class Clip(_Socket): ...
class Conditioning(_Socket): ...
class Model(_Socket): ...
class Vae(_Socket): ...

class String(_Outgoing):
    class Input(_Input):
        def __init__(
            self,
            id: str,
            *,
            tooltip: str,
            multiline: bool = False,
            default: str | None = None,
            optional: bool = False,
            force_input: bool = False,
            extra_dict: dict[str, str] | None = None,
        ) -> None: ...

class Combo:
    class Input(_Input):
        def __init__(
            self, id: str, options: list[str], *, tooltip: str, default: str | None = None, advanced: bool = False
        ) -> None: ...

class Boolean(_Outgoing):
    class Input(_Input):
        def __init__(self, id: str, *, tooltip: str, default: bool, label_on: str, label_off: str) -> None: ...

class Int(_Outgoing):
    class Input(_Input):
        def __init__(
            self,
            id: str,
            *,
            tooltip: str,
            default: int,
            min: int,
            max: int,
            step: int = 1,
            control_after_generate: bool = False,
        ) -> None: ...

class Float(_Outgoing):
    class Input(_Input):
        def __init__(
            self,
            id: str,
            *,
            tooltip: str,
            default: float,
            min: float,
            max: float,
            step: float,
            display_mode: NumberDisplay,
        ) -> None: ...
