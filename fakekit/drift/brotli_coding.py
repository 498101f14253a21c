"""Decodes the bodies of responses that passed: also from brotli, where a library for it is installed."""

from __future__ import annotations

from importlib import import_module
from typing import Protocol, cast

from fakekit.api.content_coding import (
    InvalidCodingError,
    UnsupportedCodingError,
    decode_content,
    list_codings,
)
from fakekit.drift.observed_stream import MAX_BODY

UNREAD_CODING = "the body is in a content coding that is not read here; for br, pip install 'brotli>=1.2'"
_LIBRARIES = ("brotli", "brotlicffi")


class _Decompressor(Protocol):
    """An object of such a library that decompresses one body."""

    def process(self, data: bytes, output_buffer_limit: int) -> bytes:
        """Return what `data` is the start of, up to about a limit of bytes. Raises the library's `error`."""

    def is_finished(self) -> bool:
        """Return whether the end of the body has come, and all of it was returned."""


class _Library(Protocol):
    """What the libraries for brotli have in common."""

    Decompressor: type[_Decompressor]
    error: type[Exception]


def decode_body(body: bytes, content_encoding: str) -> bytes | None:
    """Return a body without its content codings; None where it is longer than `MAX_BODY`.

    Many services answer clients such as axios in brotli (RFC 7932), which the standard library lacks; what
    passes is not changed, so such a body is read only where one of `_LIBRARIES` is installed.

    content_encoding: the header of the response; empty for none.

    Raises `UnsupportedCodingError` for a coding that is not known here, `InvalidCodingError` for damage.
    """
    codings = list_codings(content_encoding)
    if codings == ["br"]:
        return _decode_brotli(body)
    return decode_content(body, codings, MAX_BODY)


def _decode_brotli(body: bytes) -> bytes | None:
    """Return a body that was compressed by brotli; None where it is too long. Raises as `decode_body`.

    A few hundred bytes may stand for gigabytes, so no more is decompressed than about twice the limit.
    """
    library = _import_brotli()
    decompressor = library.Decompressor()
    try:
        decoded = decompressor.process(body, output_buffer_limit=MAX_BODY + 1)
    except library.error:
        raise InvalidCodingError("br") from None
    if len(decoded) > MAX_BODY:
        return None
    if not decompressor.is_finished():
        raise InvalidCodingError("br")
    return decoded


def _import_brotli() -> _Library:
    """Return the library that decodes brotli. Raises `UnsupportedCodingError` where none is installed.

    One that is older than 1.2 is left out: it cannot stop at a limit.
    """
    for name in _LIBRARIES:
        try:
            library = cast("_Library", import_module(name))
        except ImportError:
            continue
        if hasattr(library.Decompressor, "can_accept_more_data"):
            return library
    raise UnsupportedCodingError
