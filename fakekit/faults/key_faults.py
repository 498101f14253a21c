"""The faults that a key carries, ``fk_demo~fail=503,times=2``, and what the note on wrong ones says."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace

from marshmallow import ValidationError

from fakekit.contract.pattern import METHODS
from fakekit.errors import HIDDEN, FaultError, Problem
from fakekit.faults.answering import Respond
from fakekit.faults.fault import Fault
from fakekit.faults.registry import (
    FAILURE_STATUS,
    KIND_SYNONYMS,
    KINDS,
    SETTING_SYNONYMS,
    find_name,
    read_fault,
)
from fakekit.faults.settings import SettingField

MAX_REPEATED = 120
"""How long a text is that a note repeats and corrects at most."""

_EXAMPLES = {
    "status": "503",
    "seconds": "2s",
    "media_type": "text/html",
    "field": "customer_name",
    "times": "1",
    "method": "GET",
    "path": "customers/*",
}
"""What a note suggests for a setting that has no value, or a wrong one."""

_SETTINGS = {name: field for kind in KINDS.values() for name, field in kind.settings().items()}
_WORDS = {*KINDS, *KIND_SYNONYMS, *_SETTINGS, *SETTING_SYNONYMS}
_NEXT_FAULT = re.compile(rf"; (?=(?:{'|'.join(KINDS)})(?:[=,;]|$))")
"""What stands between two faults in the journal; a media type has a semicolon, too."""
_FAULT_IN_TEXT = re.compile(
    rf"(?:{'|'.join((*KINDS, *KIND_SYNONYMS))})=|[^A-Za-z0-9_-](?:{'|'.join(KINDS)})(?![A-Za-z0-9_-])",
    re.IGNORECASE,
)
_SEPARATORS = re.compile(r"([~,;&=:\s]+)")
_HARMLESS = re.compile(r"[0-9]{1,6}(\.[0-9]{1,3})?[a-z]{0,2}|\*|" + "|".join(METHODS), re.ASCII)


def has_fault(text: str) -> bool:
    """Return whether a fault stands in a text: the name of its kind before ``=``, or alone.

    A name alone counts only behind a character that no key has.

    >>> has_fault("fk_a-fail=503"), has_fault("fk_a?reset"), has_fault("fk_a-reset")
    (True, True, False)
    """
    return _FAULT_IN_TEXT.search(text) is not None


def read_key_faults(text: str) -> list[Fault]:
    """Parse the faults behind a key, ``slow=2s~fail=503,times=2``, and return them in that order.

    Raises `FaultError` for an invalid one.
    """
    return [read_fault(part, "the fault in the key") for part in text.split("~")]


def repeat_faults(applied: str, present: Collection[str] = ()) -> str:
    """Return what stands behind a key so that the faults of an earlier request apply again: ``~fail=503``.

    They apply to each request with the key: without ``times``, ``after``, ``every``, method and path. Empty
    where there is none. A stub is left out, since its body is not in the text, and so is a fault that cannot
    stand in a key.

    applied: the faults that were applied, in the text form of the journal.
    present: text forms of faults that are left out, since the account has them anyway.

    >>> repeat_faults("slow=2s,times=1; fail=503,path=customers/*")
    '~slow=2s~fail=503'
    """
    written = []
    for text in _NEXT_FAULT.split(applied) if applied else ():
        with suppress(FaultError):
            fault = read_fault(text, "")
            if text in present or isinstance(fault, Respond):
                continue
            again = replace(fault, method="", path="", times=None, after=0, every=1).as_text()
            if re.fullmatch(r"[\x21-\x7e]+", again) and HIDDEN not in again and "~" not in again:
                written.append(f"~{again}")
    return "".join(written)


def explain_key_faults(text: str) -> Problem:
    """Return what is wrong with the text behind a key, and how it is written, for a note.

    A client sent the text, and it may be a secret. So the problem repeats of it only the names of faults and
    settings, also misspelt ones, methods and short numbers; ``...`` stands for the rest.

    >>> print(explain_key_faults("fial=503"))
    the fault in the key: fial is not a kind of fault; found ~fial=503; write ~fail=503
    """
    description = "is not written as one"
    if not text.strip("~ \t"):
        description = "does not follow the ~"
    elif re.search(r"\s", text):
        description = "has a space in it, as no key has"
    else:
        for part in text.split("~"):
            try:
                read_fault(part, "")
            except FaultError as error:
                description = _describe(error.problems[0], part)
                break
    is_short = len(text) <= MAX_REPEATED
    found = f"~{_redact(text)}" if text and is_short else ""
    is_kind = _SEPARATORS.split(text)[0] in KINDS
    write = (is_short and _correct(text)) or ("" if is_kind else "~fail=503,times=2")
    return Problem("the fault in the key", description, found, write)


def _describe(problem: Problem, part: str) -> str:
    """Return what is wrong with a fault behind a key, with the name of what is wrong in front.

    part: the text of the fault; its first word is named where the problem names none.
    """
    names = problem.where.split(": ")[1:]
    name = _redact(names[-1] if names else _SEPARATORS.split(part)[0])
    return problem.description if name in ("", HIDDEN) else f"{name} {problem.description}"


def _redact(text: str) -> str:
    """Return a text with ``...`` for each word that is neither harmless nor a name, maybe misspelt."""
    words = (word for word in _SEPARATORS.split(text) if word)
    return "".join((" " if word.isspace() else word) if _can_repeat(word) else HIDDEN for word in words)


def _can_repeat(word: str) -> bool:
    """Return whether a word is between names and values, is harmless, or a name in any case."""
    if _SEPARATORS.fullmatch(word) or _HARMLESS.fullmatch(word) or word in _EXAMPLES.values():
        return True
    return re.fullmatch("[A-Za-z_-]{1,20}", word) is not None and bool(find_name(word, _WORDS))


def _correct(text: str) -> str:
    """Return how the faults behind a key are written, with ``~`` in front; empty where that is not known.

    Values that may be secret are ``...`` in it.
    """
    parts = [part for part in re.split(r"\s*~\s*", text) if part.strip()]
    faults = [fault for part in parts for fault in _correct_part(part)]
    written = "~".join(faults)
    try:
        read_key_faults(written)
    except FaultError:
        return ""
    return f"~{_redact(written)}"


def _correct_part(part: str) -> Iterator[str]:
    """Yield how the faults of a part are written: ``fail=503,times=1``. An empty one has an unknown kind.

    The name of a kind where a setting was to be begins another fault. Names that are nearly known are
    corrected; a setting without any is left out, and so is what precedes the first kind. A status with an
    unknown name, or none, is one to fail with.

    part: maybe with spaces and other separators.
    """
    fault, settings = "", dict[str, SettingField]()
    for pair in re.split(r"[,;&]", part):
        name, value = (*re.split(r"\s*[=:]\s*|\s+", pair.strip(), maxsplit=1), "")[:2]
        if not settings or (name in KINDS and name not in settings):
            if fault:
                yield fault
            synonym, _, usual = KIND_SYNONYMS.get(name, "").partition("=")
            known = synonym or find_name(name, KINDS)
            status = FAILURE_STATUS.fullmatch(name) or FAILURE_STATUS.fullmatch(value)
            if status and not known:
                known, value = "fail", status[0]
            kind = KINDS.get(known)
            if kind is None:
                continue
            settings, main = kind.settings(), kind.main_setting
            fault = kind.kind
            if main and (value or settings[main].required):
                fault += f"={_correct_value(value or usual, main, settings)}"
        elif setting := find_name(SETTING_SYNONYMS.get(name, name), settings):
            fault += f",{setting}={_correct_value(value, setting, settings)}"
    yield fault


def _correct_value(value: str, name: str, settings: Mapping[str, SettingField]) -> str:
    """Return the value of a setting, or an example where it is wrong; itself where there is no example."""
    try:
        settings[name].deserialize(value)
    except ValidationError:
        return _EXAMPLES.get(name, value)
    return value
