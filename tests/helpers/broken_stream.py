"""A stream of a log that nobody can write to for a while."""

from __future__ import annotations

import io


class BrokenStream(io.StringIO):
    """A stream that fails until its `broken` is False."""

    broken = True

    def write(self, text: str) -> int:
        if self.broken:
            raise OSError("broken")
        return super().write(text)
