"""The classes of errors for users, and the one place that formats their messages.

An error says where it is, what is wrong, what was found and what to write instead. Everything a user can do
wrong raises one of these, and the command line then exits with code 2; nothing else is caught.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from json import dumps
from typing import NamedTuple

LISTED = 100
"""How many problems one error prints; the rest are counted."""


class Problem(NamedTuple):
    """One thing that is wrong.

    where: ``file:line: customers[3].created_at`` or the name of an option; may be empty.
    description: what is wrong with it, without a full stop: ``is not an address``.
    found: the value that came, already shortened by `show`; empty when there was none.
    write: what to write instead; empty when nothing better can be said.
    python: the same as a test writes it, where that differs; a handle's errors show it.
    """

    where: str
    description: str
    found: str = ""
    write: str = ""
    python: str = ""

    def in_python(self) -> Problem:
        """Return the problem for a handle: what to write instead is spelled in Python."""
        return self._replace(write=self.python or self.write, python="")

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


class Cure(NamedTuple):
    """What to write instead of a wrong value, as fixture files in YAML, JSON and tests in Python spell it."""

    yaml: str
    json: str
    python: str

    @classmethod
    def value(cls, name: str, value: object, before: str = "", yaml_note: str = "") -> Cure:
        """Return how a value is written for a field.

        before: text before it: ``something like``.
        yaml_note: text behind it in YAML, where quotes make the type.

        >>> Cure.value("customer_id", "42")
        Cure(yaml='customer_id: 42', json='"customer_id": "42"', python='customer_id="42"')
        """
        before = before and f"{before} "
        as_json = dumps(value, ensure_ascii=False)
        as_python = as_json if isinstance(value, str) else repr(value)
        return cls(
            f"{before}{name}: {value}{yaml_note}",
            f'{before}"{name}": {as_json}',
            f"{before}{name}={as_python}",
        )

    def in_list(self) -> Cure:
        """Return the cure for a field of a nested record, which Python writes as a dict, like JSON."""
        return self._replace(python=self.json)


def cure_of(write: Cure | str) -> Cure:
    """Return a suggestion as a `Cure`; a text is the same in each syntax."""
    return write if isinstance(write, Cure) else Cure(write, write, write)


class FakekitError(Exception):
    """An error that the user can put right. Base of all of fakekit's errors for users.

    problems: everything that is wrong, in the order in which it was found; each has `where`, `description`,
        `found` and `write`.
    status: the status of the control API's response to a request that fails with it; None for that of its
        class.
    """

    status = 422

    def __init__(self, problems: Problem | Sequence[Problem], status: int | None = None) -> None:
        self.problems = [problems] if isinstance(problems, Problem) else list(problems)
        self.status = status or self.status
        super().__init__(format_problems(self.problems))


class SettingsError(FakekitError):
    """An option, environment variable or ``[tool.fakekit]`` key has a value that cannot be used."""


class FixtureError(FakekitError):
    """A fixture file cannot be served; every problem of every file is listed."""


class AddressError(FakekitError):
    """The address to listen on is taken, or is not an address of this machine."""


class AccountsFullError(FakekitError):
    """As many accounts are open as may be, and all are in use, so none can be closed for a new one."""

    status = 503


class StateError(FakekitError):
    """The store of ``--state`` cannot be reached, is full, or does not answer in time."""

    status = 503


class RefusedRecordError(FakekitError, ValueError):
    """A record to add or change breaks the contract; every problem is listed."""


class NoRecordError(FakekitError, LookupError):
    """There is no such record, or no such resource."""

    status = 404


class FaultError(FakekitError, ValueError):
    """A fault that cannot be used: its kind or a setting is wrong; every problem is listed."""


class CallbackError(FakekitError):
    """A function of a test that was to answer a request raised, or returned what is no answer.

    text: its traceback, or what it returned and what it may return, for the report of the test.
    """

    status = 500

    def __init__(self, problems: Problem | Sequence[Problem], text: str = "") -> None:
        self.text = text
        super().__init__(problems)


class PatternError(FakekitError, ValueError):
    """A pattern that no request can match: a whole URL, a query in a path, an unknown method."""


class ClockError(FakekitError, ValueError):
    """A clock cannot be set to this time, or not in this way."""


class SnapshotError(FakekitError, LookupError):
    """There is no such snapshot, no reset to undo, or no room for another snapshot."""

    status = 404


class ControlError(FakekitError):
    """A control request was refused, or its server cannot be reached."""


class ArgumentError(FakekitError, TypeError):
    """A call of a handle's method has an argument that the method lacks, or lacks one that it needs."""


class NoAttributeError(FakekitError, AttributeError):
    """A handle has no attribute of this name."""


class ClosedError(FakekitError, RuntimeError):
    """A handle's account is closed, or its server does not run, or runs in another process."""


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
    return next(iter(close), None) or match_part(word, words)


def match_part(word: str, words: list[str]) -> str | None:
    """Return the first of the words that begins with a word or else contains it; None without any.

    Also None for a word of up to three letters.
    """
    matches = [w for w in words if len(word) > 3 and word.lower() in w]  # email: customer_email
    matches.sort(key=lambda w: not w.startswith(word.lower()))  # total: total_amount, not sub_total_amount
    return next(iter(matches), None)


def suggest(word: str, known: Iterable[str]) -> str:
    """Return what an error suggests to write instead of an unknown word: the nearest known one.

    When none is near: ``one of a, b, c`` with all known words.
    """
    words = list(known)
    return nearest(word, words) or f"one of {', '.join(words)}"


def show(value: object, limit: int = 60) -> str:
    """Return a value on one line for a message: quoted, printable, cut after `limit` characters.

    What looks like a credential is replaced by ``...`` before the cut, which could leave a part of it.

    >>> show("Ama"), show(None), show({"id": "sk_live_4eC39HqLyjWDarjt"})
    ("'Ama'", 'null', '{"id": "..."}')
    """
    value = redact_texts(value)  # before the quoting, whose escapes could hide where a credential begins
    if isinstance(value, str):
        text = repr(value) if value.isprintable() else ascii(value)
    else:
        text = dumps(value, default=repr)  # null and true, as files and requests spell them
    text = without_secrets(text)
    return text if len(text) <= limit else f"{text[:limit]}... ({len(text):,} characters)"


def redact_texts(value: object, depth: int = 20) -> object:
    """Return a value with `without_secrets` applied to each text in it, also in lists and to names.

    depth: how many levels of lists and objects are kept; deeper ones become ``...``.
    """
    if isinstance(value, str):
        return without_secrets(value)
    if isinstance(value, Mapping) and depth:
        return {redact_texts(name): redact_texts(item, depth - 1) for name, item in value.items()}
    if isinstance(value, list | tuple) and depth:
        return [redact_texts(item, depth - 1) for item in value]
    return HIDDEN if isinstance(value, Mapping | list | tuple) else value


HIDDEN = "..."
"""What stands for text that is not shown."""

UUID = r"(?i:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})"
# One line each: the user-info of a URL (RFC 3986, 3.2.1); a word behind the name of a scheme; words with test
# or live in them; usual prefixes; any long mix of letters and digits. Keys that start with fk_ are public.
# Compiled on first use: every pytest run imports this module, and few of them need it.
CREDENTIAL = (
    r"(?<=://)[^\s/?#@]+(?=@)"
    r"|(?i:\b(bearer|basic|token|apikey)\s+(?!fk_|token\b)\S{4,})"
    r"|(?<![A-Za-z0-9])(?i:[a-z]{2,8})[_-](?i:live|test|canary|prod|secret|key|token)[_-][A-Za-z0-9]{4,}"
    r"|(?<![A-Za-z0-9])(?:sk|pk|rk|xk|ghp|gho|xox[a-z])[_-][A-Za-z0-9_-]{6,}"
    r"|(?<![A-Za-z0-9_=-])(?!fk_)(?=[A-Za-z_=-]*[0-9])[A-Za-z0-9_=-]{24,}"
)
"""Text that looks like a credential: the user-info of a URL, a word behind the name of a scheme, one with a
usual prefix, or a long and mixed one. "Bearer Token" are the words of the vendor's 401."""


def without_secrets(text: str) -> str:
    """Return the text with ``...`` in place of everything that looks like a credential. UUIDs stay.

    For messages, the log and the journal.
    """
    return re.sub(CREDENTIAL, lambda found: found[0] if re.fullmatch(UUID, found[0]) else HIDDEN, text)
