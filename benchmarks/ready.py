"""What the servers here have in common; imports little, since their start is measured."""

from __future__ import annotations

import json
from pathlib import Path

SIZE = 912
"""The mean size of the responses for customers 10 to 209 of seed 1."""


def write_ready_file(file: Path, port: int) -> None:
    """Write a ready file in one step, as ``fakekit serve --ready-file`` does."""
    partial = file.with_suffix(".partial")
    partial.write_text(json.dumps({"port": port}))
    partial.rename(file)
