"""The place *Faults and clock*, what concerns the whole account: its reset, its clock, its snapshots."""

from __future__ import annotations

from fakekit.console.faults import change
from fakekit.console.page import Moved, Page, Rendered


def reset(page: Page) -> Moved | Rendered:
    """Reset the account: records, faults, snapshots and clock; with ``requests`` also delete its requests."""

    def reset_all() -> None:
        page.run("reset")
        if "requests" in page.form:
            page.run("forget_requests")

    return change(page, "reset", reset_all)


def undo_reset(page: Page) -> Moved | Rendered:
    """Bring back what the last reset removed; the page says so where there is nothing to undo."""
    return change(page, "reset", lambda: page.run("undo_reset"))


def set_clock(page: Page) -> Moved | Rendered:
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


def save_snapshot(page: Page) -> Moved | Rendered:
    """Save a copy of the account's changed records; the page says so where there are too many."""
    return change(page, "snapshots", lambda: page.run("snapshot"))


def restore_snapshot(page: Page) -> Moved | Rendered:
    """Replace the account's changed records by those of a snapshot."""
    return change(page, "snapshots", lambda: page.run("restore", name=page.path["name"]))


def drop_snapshot(page: Page) -> Moved | Rendered:
    """Delete a snapshot; the account's records stay."""
    return change(page, "snapshots", lambda: page.run("drop_snapshot", name=page.path["name"]))
