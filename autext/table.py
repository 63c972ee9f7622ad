"""Tables of rows beside the pictures: metadata.jsonl for people, metadata.parquet for large sets."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any, Literal

from auface.facs import ActionUnit

Table = Literal["jsonl", "parquet"]
"""Kind of table."""

_BATCH = 10_000  # rows that are held at a time


def write_table(lines: Iterable[str], table: Table, units: Sequence[ActionUnit]) -> bytes:
    """Return the content of a table.

    Args:
        lines: Rows as JSON.
        table: "jsonl" or "parquet".
        units: The units that the rows list.

    Raises:
        ImportError: A parquet table was asked for and pyarrow is missing.
    """
    if table == "jsonl":
        return b"".join(f"{line}\n".encode() for line in lines)
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise ImportError("parquet tables need pyarrow, which auface[data] brings.") from None
    schema = _schema(pyarrow, units)
    buffer, rows = io.BytesIO(), iter(lines)
    with pyarrow.parquet.ParquetWriter(buffer, schema) as writer:
        while batch := [json.loads(line) for line in islice(rows, _BATCH)]:
            writer.write_table(pyarrow.Table.from_pylist(batch, schema=schema))
    return buffer.getvalue()


def _schema(pyarrow: Any, units: Sequence[ActionUnit]) -> Any:
    text, number = pyarrow.string(), pyarrow.float64()
    side = pyarrow.struct([(unit.name, number) for unit in units])
    return pyarrow.schema(
        [
            ("file_name", text),
            ("text", text),
            ("expression", text),
            ("left", side),
            ("right", side),
            ("graded", pyarrow.list_(text)),
            ("side_unknown", pyarrow.list_(text)),
            ("sided", pyarrow.bool_()),
            ("subject", text),
            ("source", text),
            ("split", text),
            ("frame", pyarrow.int64()),
            ("landmarks", text),
            ("pose", pyarrow.list_(number)),
            ("depth", text),
            ("normals", text),
            ("parts", text),
            ("description", text),
        ]
    )
