"""A library in the place of brotli, which the tests do not install; its coding is zlib's."""

from __future__ import annotations

import zlib

error = zlib.error
largest: list[int] = []
"""How many bytes each call has returned."""


class Decompressor:
    """Decompresses one body, as an object of brotli 1.2 does."""

    def __init__(self) -> None:
        self._decompressor = zlib.decompressobj()

    def process(self, data: bytes, output_buffer_limit: int) -> bytes:
        """The start of what was compressed: brotli itself may return twice as much as the limit."""
        decoded = self._decompressor.decompress(data, output_buffer_limit)
        largest.append(len(decoded))
        return decoded

    def is_finished(self) -> bool:
        return self._decompressor.eof

    def can_accept_more_data(self) -> bool:
        return True


def decompress(data: bytes) -> bytes:
    """All of what was compressed, however much it is."""
    decoded = zlib.decompress(data)
    largest.append(len(decoded))
    return decoded
