"""AUText: pictures of faces with captions and FACS labels, from licensed data sets, from folders, from synthetic heads.

`DatasetWriter` writes `Record`s into the one format that all sources share. Nothing heavy is imported before it is
needed.
"""

from __future__ import annotations

from .caption import caption
from .record import FIELDS, SPLITS, Pose, Record, Split
from .sampling import Sample, Sampler
from .shard import Shard
from .writer import DatasetWriter

__all__ = ["FIELDS", "SPLITS", "DatasetWriter", "Pose", "Record", "Sample", "Sampler", "Shard", "Split", "caption"]
