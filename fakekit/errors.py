"""The classes of errors for users, and the one place that formats their messages.

An error says where it is, what is wrong, what was found and what to write instead. Everything a user can do
wrong raises one of these, and the command line then exits with code 2; nothing else is caught.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from json import dumps

__all__ = [
    "AccountsFullError",
    "AddressError",
    "ClockError",
    "ControlError",
    "FakekitError",
    "FaultError",
    "FixtureError",
    "NoRecordError",
    "PatternError",
    "Problem",
    "RefusedRecordError",
    "SettingsError",
    "SnapshotError",
    "format_problems",
    "nearest",
    "show",
    "suggest",
]

LISTED = 100
"""How many problems one error prints; the rest are counted."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong.

    where: ``file:line: customers[3].created_at`` or the name of an option; may be empty.
    description: what is wrong with it, without a full stop: ``is not an address``.
    found: the value that came, already shortened by `show`; empty when there was none.
    write: what to write instead; empty when nothing better can be said.
    """

    where: str
    description: str
    found: str = ""
    write: str = ""

    def __str__(self) -> str:
        """Return the problem on one line: ``where: description; found x; write y``.

        Empty parts are left out; unprintable characters are escaped.
        """
        parts = [f"{self.where}: {self.description}" if self.where else self.description]
        if self.found:
            parts.append(f"found {self.found}")
        if self.write:
            parts.append(f"write {self.write}")
        return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in "; ".join(parts))


class FakekitError(Exception):
    """An error that the user can put right. Base of all of fakekit's errors for users.

    problems: everything that is wrong, in the order in which it was found; each has `where`, `description`,
        `found` and `write`.
    """

    def __init__(self, problems: Problem | Sequence[Problem]) -> None:
        self.problems = [problems] if isinstance(problems, Problem) else list(problems)
        super().__init__(format_problems(self.problems))


class SettingsError(FakekitError):
    """An option, environment variable or ``[tool.fakekit]`` key has a value that cannot be used."""


class FixtureError(FakekitError):
    """A fixture file cannot be served; every problem of every file is listed."""


class AddressError(FakekitError):
    """The address to listen on is taken, or is not an address of this machine."""


class AccountsFullError(FakekitError):
    """As many accounts are open as may be, and all are in use, so none can be closed for a new one."""


class RefusedRecordError(FakekitError, ValueError):
    """A record to add or change breaks the contract; every problem is listed."""


class NoRecordError(FakekitError, LookupError):
    """There is no such record, or no such resource."""


class FaultError(FakekitError, ValueError):
    """A fault that cannot be used: its kind or a setting is wrong; every problem is listed."""


class PatternError(FakekitError, ValueError):
    """A pattern that no request can match: a whole URL, a query in a path, an unknown method."""


class ClockError(FakekitError, ValueError):
    """A clock cannot be set to this time, or not in this way."""


class SnapshotError(FakekitError, LookupError):
    """There is no such snapshot, or no room for another one."""


class ControlError(FakekitError):
    """A control request was refused, or its server cannot be reached."""


def format_problems(problems: Sequence[Problem]) -> str:
    """Return the problems of an error, one per line; after `LISTED` of them, how many more there are."""
    lines = [str(problem) for problem in problems[:LISTED]]
    if len(problems) > LISTED:
        lines.append(f"... and {len(problems) - LISTED:,} more")
    return "\n".join(lines)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word closest to a mistyped one, or else one that contains it; None for neither.

    Only words of more than three letters are looked for in others: ``email`` finds ``customer_email``.
    """
    words = list(known)
    # difflib's default cutoff: costumer finds customer.
    close = difflib.get_close_matches(word, words, n=1, cutoff=0.6)
    matches = [w for w in words if len(word) > 3 and word.lower() in w]  # email: customer_email
    return next(iter(close or matches), None)


def suggest(word: str, known: Iterable[str]) -> str:
    """Return what an error suggests to write instead of an unknown word: the nearest known one.

    When none is near: ``one of a, b, c`` with all known words.
    """
    words = list(known)
    return nearest(word, words) or f"one of {', '.join(words)}"


def show(value: object, limit: int = 60) -> str:
    """Return a value on one line for a message: quoted, printable, cut after `limit` characters.

    >>> show("Ama"), show(None)
    ("'Ama'", 'null')
    """
    if isinstance(value, str):
        text = repr(value) if value.isprintable() else ascii(value)
    else:
        text = dumps(value, default=repr)  # null and true, as files and requests spell them
    return text if len(text) <= limit else f"{text[:limit]}... ({len(text):,} characters)"
