"""Text that a database may refuse: with lone surrogates, which UTF-8 does not have, or null characters."""

from __future__ import annotations


def storable_json(text: str) -> str:
    r"""Return JSON that means the same, without lone surrogates.

    >>> storable_json('{"name": "\ud800 Adwoa Ɔ"}')
    '{"name": "\\ud800 Adwoa Ɔ"}'
    """
    # Within a string, the only place for them in JSON, Python's escape is that of JSON, too.
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def encode_name(name: str) -> str:
    r"""Return a name of an item as it is stored; most stay as they are. `decode_name` reverses it.

    >>> encode_name("customers/51"), encode_name("a\0b")
    ('customers/51', 'a\\x00b')
    """
    if name.isascii() and name.isprintable() and "\\" not in name:
        return name
    return name.encode("unicode_escape").decode("ascii")


def decode_name(stored: str) -> str:
    """Return the name of an item that `encode_name` was given."""
    return stored.encode("ascii").decode("unicode_escape") if "\\" in stored else stored
