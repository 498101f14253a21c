"""Decodes the bodies of responses that passed: also from brotli, where a library for it is installed."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from fakekit.api.content_coding import (
    InvalidCodingError,
    UnsupportedCodingError,
    decode_content,
    list_codings,
)
from fakekit.drift.observed_stream import MAX_BODY

UNREAD_CODING = "the body is in a content coding that is not read here; for br, pip install brotli"
_LIBRARIES = ("brotli", "brotlicffi")


def decode_body(body: bytes, content_encoding: str) -> bytes | None:
    """Return a body without its content codings; None where it is too long.

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
    """Return a body that was compressed by brotli; None where it is too long. Raises as `decode_body`."""
    library = _import_brotli()
    try:
        decoded: bytes = library.decompress(body)
    except library.error:
        raise InvalidCodingError("br") from None
    return decoded if len(decoded) <= MAX_BODY else None


def _import_brotli() -> Any:
    """Return the library that decodes brotli. Raises `UnsupportedCodingError` where none is installed."""
    for name in _LIBRARIES:
        try:
            return import_module(name)
        except ImportError:
            continue
    raise UnsupportedCodingError
