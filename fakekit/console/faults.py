"""The place *Faults and clock*: faults by switch or as text, what is active, reset, clock and snapshots."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import NamedTuple

from fakekit.accounts.account_key import KEY_WITH_FAULTS
from fakekit.console.page import Page, Redirect, Rendered
from fakekit.control.results import FaultJson
from fakekit.control.runner import for_caller
from fakekit.errors import FakekitError, FaultError, Problem, without_secrets
from fakekit.faults.fault import COMMON, Fault
from fakekit.faults.registry import KINDS, read_fault
from fakekit.unpatched import Lock

_SWITCHING = Lock()
"""Held while a switch looks for its fault and adds it: a double click sends two requests at once."""


class Preset(NamedTuple):
    """A common fault with a switch of its own: its title, and its text as `Fault.as_text` writes it."""

    title: str
    text: str


PRESETS = (
    Preset("Slow: 2 seconds", "slow=2s"),
    Preset("Every 3rd request: 503", "fail=503,every=3"),
    Preset("2nd request: 503, once", "fail=503,times=1,after=1"),
    Preset("Down: always 503", "fail=503"),
    Preset("Key refused: always 401", "fail=401"),
    Preset("1st request: 429, once", "fail=429,times=1"),
    Preset("Connection reset", "reset"),
    Preset("Answer cut off", "truncate"),
    Preset("Bytes that are not HTTP", "garbage"),
)
"""The switches of the page, in their order."""


_PARTS = ("reset", "fault", "faults", "clock", "snapshots")
"""The parts of the page that may show what is wrong with a form."""


class Switch(NamedTuple):
    """A preset, and the active fault of the account with its text; None where there is none."""

    title: str
    text: str
    fault: FaultJson | None


class Kind(NamedTuple):
    """A kind of fault for the list of all: its text without settings, what it does, and its settings."""

    text: str
    summary: str
    settings: Mapping[str, str]


def add_fault(page: Page) -> Redirect | Rendered:
    """Add the fault whose text was typed, and remove those of the same text that are used up.

    Returns the page again, with what is wrong, for a text that is no fault.
    """
    text = page.form.get("text", "")

    def add() -> None:
        fault = read_fault(text, "fault")
        _remove(page, filter(_is_used_up, _faults_like(page, fault)))
        page.run("add_fault", fault=fault.as_json())

    return change(page, "fault", add, typed=text)


def set_switch(page: Page) -> Redirect | Rendered:
    """Turn a switch on or off, by the field ``on`` or ``off`` with its text; nothing where it is so.

    A double click, or a second tab with an older page, therefore does no more than one click. Off removes all
    faults of this text; on replaces those that are used up.
    """
    is_on = "on" in page.form

    def switch() -> None:
        fault = read_fault(page.form["on"] if is_on else page.form.get("off", ""), "fault")
        with _SWITCHING:
            same = _faults_like(page, fault)
            if is_on and not all(map(_is_used_up, same)):
                return
            _remove(page, same)
            if is_on:
                page.run("add_fault", fault=fault.as_json())

    return change(page, "faults", switch)


def reset(page: Page) -> Redirect | Rendered:
    """Reset the account: records, faults, snapshots and clock; with ``requests`` also delete its requests."""

    def reset_all() -> None:
        page.run("reset")
        if "requests" in page.form:
            page.run("forget_requests")

    return change(page, "reset", reset_all)


def set_clock(page: Page) -> Redirect | Rendered:
    """Freeze or move the clock, or set it to the real time: by the one field that the form has.

    The fields are those of the operation ``set_clock``: ``freeze`` with a time or ``now``, ``advance`` with
    seconds; without any the clock is set to the real time.
    """
    settings: dict[str, object] = {n: page.form[n] for n in ("freeze", "advance") if n in page.form}
    seconds = page.form.get("advance", "")
    if seconds.isascii() and seconds.isdecimal():
        settings["advance"] = int(seconds[:18])  # bounded for int()
    typed = page.form.get("freeze", "")
    return change(page, "clock", lambda: page.run("set_clock", settings=settings), typed)


def change(page: Page, section: str, action: Callable[[], object], typed: str = "") -> Redirect | Rendered:
    """Do what a form of the page asks for, and lead to the page; on an error return the page with it.

    section: the part of the page that shows the error.
    typed: what was typed into the field of this part, which is kept there.
    """
    try:
        action()
    except FakekitError as error:
        return show_faults(page, section, for_caller(error).problems, typed)
    return Redirect(page.url("faults"))


def _operation_form(section: str, operation: str, *arguments: str) -> Callable[[Page], Redirect | Rendered]:
    """Return the view function of a form that runs an operation of the control API; see `change`.

    arguments: the names of the operation's arguments, which are in the path of the form.
    """
    return lambda page: change(
        page, section, lambda: page.run(operation, **{name: page.path[name] for name in arguments})
    )


remove_fault = _operation_form("faults", "remove_fault", "number")
clear_faults = _operation_form("faults", "clear_faults")
undo_reset = _operation_form("reset", "undo_reset")
save_snapshot = _operation_form("snapshots", "snapshot")
restore_snapshot = _operation_form("snapshots", "restore", "name")
drop_snapshot = _operation_form("snapshots", "drop_snapshot", "name")


def show_faults(page: Page, section: str = "", problems: Sequence[Problem] = (), typed: str = "") -> Rendered:
    """Return the page: reset, switches, active faults, clock and snapshots.

    By default nothing is wrong; after a form, the page shows what is wrong with it in one of its parts.

    section: the part of the page that shows the problems.
    problems: what is wrong with the form that was sent.
    typed: what was typed into the field of this part, which is kept there.
    """
    account, faults = page.run("about"), page.run("faults")
    active = {fault["text_form"]: fault for fault in faults if fault["id"] and not _is_used_up(fault)}
    used_up = {fault["text_form"]: fault for fault in faults if fault["id"] and _is_used_up(fault)}
    return Rendered(
        "faults.html",
        {
            "account": account,
            "faults": faults,
            "switches": [Switch(*p, (used_up | active).get(p.text)) for p in PRESETS],
            "is_used_up": _is_used_up,
            "redact": without_secrets,
            "key_with_faults": _key_with_faults(page.key, faults),
            "kinds": [_describe(kind) for kind in KINDS.values()],
            "common": {name: field.note for name, field in COMMON.items()},
            "offset": _offset_in_words(account["clock"]["offset"]),
            "problems": dict.fromkeys(_PARTS, ()) | {section: problems},
            "typed": dict.fromkeys(_PARTS, "") | {section: without_secrets(typed)},
        },
        place="faults.show_faults",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.OK,
    )


def _faults_like(page: Page, fault: Fault) -> list[FaultJson]:
    """Return the account's faults with the text of this one, used up or not; those of keys are left out."""
    return [known for known in page.run("faults") if known["id"] and known["text_form"] == str(fault)]


def _remove(page: Page, faults: Iterable[FaultJson]) -> None:
    """Remove faults of the account."""
    for fault in faults:
        page.run("remove_fault", number=fault["id"])


def _is_used_up(fault: FaultJson) -> bool:
    """Return whether a fault applies to no further request, as it was used `times` times."""
    return "times" in fault and fault["used"] >= fault["times"]


def _key_with_faults(key: str, faults: list[FaultJson]) -> str:
    """Return the key with the account's faults behind it, ``fk_demo~slow=2s``; empty where it can have none.

    Stubs and faults whose text does not say all of them are left out, as are those that a key carried.
    """
    texts = [fault["text_form"] for fault in faults if fault["id"] and _is_allowed_in_key(fault)]
    text = "~".join([key, *texts])
    return text if KEY_WITH_FAULTS.fullmatch(text) else ""


def _is_allowed_in_key(fault: FaultJson) -> bool:
    """Return whether a key can carry a fault: whether its text alone means the same."""
    text = fault["text_form"]
    if fault["fault"] == "respond" or "~" in text or " " in text:
        return False
    try:
        settings = read_fault(text, "fault").as_json()
    except FaultError:
        return False
    return all(fault.get(name) == value for name, value in settings.items())


def _offset_in_words(seconds: float) -> str:
    """Return how far a clock is from the real time: ``1 day, 0:00:00 ahead of``.

    >>> _offset_in_words(-3600.0)
    '1:00:00 behind'
    """
    return f"{timedelta(seconds=round(abs(seconds)))} {'ahead of' if seconds > 0 else 'behind'}"


def _describe(kind: type[Fault]) -> Kind:
    """Return a kind of fault for the list of all, from its class."""
    own = {name: field.note for name, field in kind.settings().items() if name not in COMMON}
    main = kind.main_setting
    return Kind(
        f"{kind.kind}={main}" if main else kind.kind,
        (kind.__doc__ or "").partition("\n")[0],
        own,
    )
