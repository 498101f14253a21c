"""Names of people by where they live, and e-mail addresses made from them."""

from __future__ import annotations

import unicodedata

from fakekit.world.names import names
from fakekit.world.seed import RandomSource

_LETTERS = str.maketrans({"ɔ": "o", "Ɔ": "O", "ε": "e", "ɛ": "e", "Ɛ": "E", "ŋ": "ng", "ø": "o"})


def pick_name(random: RandomSource, locale: str) -> tuple[str, str]:
    """Return a first and a last name that go together, from one locale: ``("Ama", "Mensah")``.

    locale: one of `fakekit.world.names.LOCALES`: ``tw_GH``. The first call imports Faker.
    """
    locale_names = names(locale)
    first, last = locale_names.female if random.chance("gender", 50) else locale_names.male
    return random.pick("first_name", first), random.pick("last_name", last)


def email_local_part(name: str, key: int) -> str:
    """Return what stands before the @ of an e-mail address, made from a name: ``ama.mensah42``.

    key: the record's id; it makes the address unique. At most 48 ASCII characters and the id;
        ``customer42`` for a name without Latin letters.
    """
    normalized = unicodedata.normalize("NFKD", name.translate(_LETTERS)).lower()
    # NFKD splits letters from their marks: "é" becomes "e" and a mark that is not ASCII.
    words = "".join(c if c.isascii() and c.isalnum() else " " if c.isspace() else "" for c in normalized)
    return ".".join(words.split())[:48].strip(".") + str(key) if words.split() else f"customer{key}"
