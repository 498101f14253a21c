"""The key of the real service, as a type that cannot be printed."""

from __future__ import annotations

import re
from typing import NoReturn

from fakekit.errors import Problem, SettingsError


class ApiKey:
    """An API key, whose text is in no message, log, traceback or pickle; only `reveal` gives it.

    text: the key. It must be printable ASCII without spaces, so that no library rejects, and quotes, a header
        that has it. Raises `SettingsError`, which does not repeat it.
    source: where it was set, for that error: ``XTRAKIT_API_KEY``.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str, source: str) -> None:
        if not re.fullmatch(r"[\x21-\x7e]{1,4096}", text):
            description = "is not an API key: it is empty, or has spaces or other characters than ASCII"
            raise SettingsError(Problem(source, description))
        self._text = text

    def reveal(self) -> str:
        """Return the text of the key, for the header of a request and nothing else."""
        return self._text

    def __repr__(self) -> str:
        """Return a text without the key; ``str`` and ``format`` give the same."""
        return "<ApiKey>"

    def __reduce__(self) -> NoReturn:
        """Raise TypeError: a key is not pickled, since the result would have its text."""
        raise TypeError("an API key cannot be pickled")
