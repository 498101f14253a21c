"""Who people are: names of where they live, and mailboxes made from them."""

from __future__ import annotations

import unicodedata

from fakekit.world.names import names
from fakekit.world.seed import Draw

_LETTERS = str.maketrans({"ɔ": "o", "Ɔ": "O", "ε": "e", "ɛ": "e", "Ɛ": "E", "ŋ": "ng", "ø": "o"})


def person(draw: Draw, locale: str) -> tuple[str, str]:
    """A first and a last name that go together."""
    known = names(locale)
    first, last = known.female if draw.chance("gender", 50) else known.male
    return draw.pick("first_name", first), draw.pick("last_name", last)


def mailbox(name: str, key: int) -> str:
    """An ASCII mailbox made from a name, unique by the record's id: ``ama.mensah42``."""
    folded = unicodedata.normalize("NFKD", name.translate(_LETTERS)).lower()
    words = "".join(c if c.isascii() and c.isalnum() else " " if c.isspace() else "" for c in folded)
    return ".".join(words.split())[:48].strip(".") + str(key) if words.split() else f"customer{key}"
