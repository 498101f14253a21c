"""Decode the content codings of a request's body: gzip and deflate (RFC 9110, 8.4), in bounded memory."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from gzip import GzipFile
from io import BytesIO

MAX_CODINGS = 4
"""How many codings, one applied to the result of another, are decoded; more are not supported."""


class UnsupportedCodingError(Exception):
    """A body in a content coding that is not decoded here, or in more than `MAX_CODINGS`."""


class InvalidCodingError(Exception):
    """A body that is not in the coding that its Content-Encoding names, or ends before its end.

    coding: the name of the coding.
    """

    def __init__(self, coding: str) -> None:
        self.coding = coding
        super().__init__(coding)


def list_codings(content_encoding: str) -> list[str]:
    """Return the codings that a Content-Encoding names, in the order in which they were applied.

    ``identity`` is left out: it must not be sent there, and means nothing (8.4.1).
    """
    names = [part.strip(" \t") for part in content_encoding.lower().split(",")]
    return [name for name in names if name and name != "identity"]


def decode_content(data: bytes, codings: list[str], limit: int) -> bytes | None:
    """Return a body without its content codings; None when it is larger than `limit` bytes at any stage.

    >>> import zlib
    >>> decode_content(zlib.compress(b"{}"), ["deflate"], 100)
    b'{}'

    codings: in the order in which they were applied.
    limit: no more is decompressed than this and one byte, whatever the data would grow to.

    Raises `UnsupportedCodingError` and `InvalidCodingError`.
    """
    if len(codings) > MAX_CODINGS or any(name not in _DECODERS for name in codings):
        raise UnsupportedCodingError
    for name in reversed(codings):
        try:
            data = _DECODERS[name](data, limit + 1)
        except (zlib.error, OSError, EOFError):  # gzip raises each of them for some damage
            raise InvalidCodingError(name) from None
        if len(data) > limit:
            return None
    return data


def _decode_gzip(data: bytes, size: int) -> bytes:
    """Return the first `size` bytes of what was compressed by gzip (RFC 1952), one member or several.

    Raises OSError, EOFError or zlib.error for damaged data.
    """
    with GzipFile(fileobj=BytesIO(data)) as file:
        return file.read(size)


def _decode_deflate(data: bytes, size: int) -> bytes:
    """Return the first `size` bytes of data in the coding deflate.

    It is the zlib format (RFC 1950); some clients send it without its wrapper (RFC 9110, 8.4.1.2), which is
    accepted too. Raises EOFError for data that ends early, zlib.error for other damage.
    """
    decompressor = zlib.decompressobj()
    try:
        decoded = decompressor.decompress(data, size)
    except zlib.error:
        decompressor = zlib.decompressobj(-zlib.MAX_WBITS)
        decoded = decompressor.decompress(data, size)
    if not decompressor.eof and len(decoded) < size:
        raise EOFError
    return decoded


_DECODERS: Mapping[str, Callable[[bytes, int], bytes]] = {
    "gzip": _decode_gzip,
    "x-gzip": _decode_gzip,  # the same by its old name (8.4.1.3)
    "deflate": _decode_deflate,
}
