"""Names that are nearly a known one: misspelt fields of a request, and misspelt words in its path."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from fakekit.errors import match_part


def nearest_field(name: str, known: Iterable[str]) -> str | None:
    """Return the known field that a name is a misspelling of, or else one that contains it; None for neither.

    Stricter than `nearest`: a name that shares only some words with a field is another field.

    >>> nearest_field("custmer_id", ["customer_id"]), nearest_field("created_by", ["created_at"])
    ('customer_id', None)
    """
    words, word = list(known), name.lower()
    close = difflib.get_close_matches(word, words, cutoff=0.8)
    return next((w for w in close if _has_similar_words(word, w)), None) or match_part(word, words)


def is_misspelt(word: str, known: Iterable[str]) -> bool:
    """Return whether a word is nearly one of the known ones, of four letters or more, in any case.

    >>> is_misspelt("custmers", ["customers"]), is_misspelt("Customers", ["customers"])
    (True, True)
    >>> is_misspelt("custodian", ["customers"]), is_misspelt("user", ["customers"])
    (False, False)
    """
    words = [w for w in known if len(w) > 3]
    return bool(difflib.get_close_matches(word.lower(), words, n=1, cutoff=0.8))


def _has_similar_words(name: str, other: str) -> bool:
    """Return whether each word of one name is near that of the other; True where one has more words."""
    words, others = re.split("[_-]", name), re.split("[_-]", other)
    if len(words) != len(others):
        return True
    return all(difflib.get_close_matches(w, [o]) for w, o in zip(words, others, strict=True))
