"""``fakekit requests``, ``records``, ``fault``, ``reset`` and ``open``: an account of a running server."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from fakekit.accounts.account_key import DEMO_KEY, KEY, KEY_FORM
from fakekit.cli.address import address_of_argument, address_of_settings
from fakekit.cli.options import read_settings
from fakekit.cli.output import as_json_option, print_table, shorten
from fakekit.console import CONSOLE
from fakekit.errors import ControlError, Problem, SettingsError
from fakekit.fixtures.whole_file import write_whole
from fakekit.settings.table import WAIT_SETTINGS
from fakekit.testing.unmet import describe_fault

if TYPE_CHECKING:
    from fakekit.accounts.journal import EntryJson
    from fakekit.control.results import RequestFilters
    from fakekit.testing.handle import Handle

F = TypeVar("F", bound=Callable[..., object])
_WAIT = 2.0
"""How many seconds `fakekit requests --follow` waits for a later request before it asks for all again.

A request that came earlier and took longer is printed then.
"""


def account_options(function: F) -> F:
    """Add the options that say which account of which server a command is about: ``--url`` and ``--key``."""
    url = "The server's address, or the file of its --ready-file. [the server on this machine]"
    key = click.option("--key", default=DEMO_KEY, show_default=True, help="The API key of the account.")
    return click.option("--url", metavar="URL|FILE", help=url)(key(function))


def _open(url: str | None, key: str) -> Handle:
    """Return a handle of an account of the running server that an option or the settings name.

    The control token is the setting's, from FAKEKIT_CONTROL_TOKEN or ``pyproject.toml``. Raises
    `SettingsError` for a wrong address, key or setting, and `ControlError` where no fakekit answers.
    """
    from fakekit.testing.remote import connect  # imports marshmallow, which --help does not need

    if not KEY.fullmatch(key):
        raise SettingsError(Problem("--key", f"is not a key, which is {KEY_FORM}", "", f"--key {DEMO_KEY}"))
    settings = read_settings(dict.fromkeys(["control_token", *([] if url else WAIT_SETTINGS)]))
    address = address_of_argument(url) if url else address_of_settings(settings, "--url URL")
    origin = address.find_origin()
    if origin is None:
        raise ControlError(Problem(address.name, "no such file yet, or not one that fakekit wrote"))
    return connect(origin, key, settings.control_token)


@click.command(short_help="List the requests that an account got.")
@account_options
@click.option("--follow", is_flag=True, help="Print further requests as they come, until Ctrl-C.")
@click.option(
    "--problems", is_flag=True, help="Only those refused, changed by a fault or with unread fields."
)
@click.option(
    "--har",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write them all as an HTTP Archive, which the network panel of a browser imports.",
)
@as_json_option
def requests(
    url: str | None, key: str, follow: bool, problems: bool, har: Path | None, as_json: bool
) -> None:
    """List the requests that an account of a running server got, oldest first.

    The server is the one at --url, else the one on this machine that the settings describe.

    \f
    Raises `click.UsageError` for options that exclude each other.
    """  # noqa: D301 (click ends the help at this character)
    if har is not None and (follow or problems or as_json):
        raise click.UsageError("--har writes all requests; use it without --follow, --problems and --json")
    handle = _open(url, key)
    if har is not None:
        _write_har(handle, har)
        return
    try:
        for entry in _entries(handle, follow, {"only": "problems"} if problems else {}):
            click.echo(json.dumps(entry) if as_json else _request_line(entry))
    except KeyboardInterrupt:
        sys.exit(130)


def _write_har(handle: Handle, file: Path) -> None:
    """Write the account's requests to a HAR file. Raises `SettingsError` when it cannot be written."""
    archive = handle._control.requests(format="har")
    try:
        write_whole(file, [json.dumps(archive, indent=1, ensure_ascii=False)])
    except OSError as error:
        raise SettingsError(Problem("--har", f"cannot be written: {error.strerror}", str(file))) from None
    click.echo(f"{len(archive['log']['entries'])} requests: {file}")


def _entries(handle: Handle, follow: bool, filters: RequestFilters) -> Iterator[EntryJson]:
    """Yield the journal's entries that pass the filters, oldest first.

    With `follow` also those to come, without an end.
    """
    seen: set[int] = set()
    while True:
        entries = handle._control.requests(**filters)["requests"]
        yield from (entry for entry in entries if entry["number"] not in seen)
        if not follow:
            if not entries:
                click.echo(
                    f"none with the key {handle.api_key}; --key KEY lists those with another", err=True
                )
            return
        sys.stdout.flush()
        seen = {entry["number"] for entry in entries}
        later: RequestFilters = {**filters, "count": 1, "since": max(seen, default=0), "timeout": _WAIT}
        handle._control.requests(**later)


def _request_line(entry: EntryJson) -> str:
    """Return the line about one request: when, what, status, duration, truth, and why it is so."""
    from fakekit.contract.provenance import (
        LABELS,  # reads the table of assumptions, which --help does not need
    )

    when = datetime.fromisoformat(entry["time"]).astimezone().strftime("%H:%M:%S")
    unread = f"not read: {', '.join(entry['unread'])}" if entry["unread"] else ""
    reason = "; ".join(filter(None, (entry["fault"], unread, entry["note"])))
    truth = LABELS.get(entry["truth"], entry["truth"])
    start = f"{when} {entry['status']} {entry['milliseconds']:7.1f} ms {truth:<14}"
    return shorten(f"{start} {entry['method']} {entry['path']}  {reason}".rstrip())


@click.command(short_help="List the records of an account.")
@click.argument("resource")
@click.option("--search", metavar="TEXT", default="", help="Only those with this text in any field.")
@account_options
@as_json_option
def records(resource: str, search: str, url: str | None, key: str, as_json: bool) -> None:
    """List the records of an account of a running server: fakekit records customers --search ama.

    RESOURCE is a name that fixture files use, such as customers or sales.
    """
    found = list(_open(url, key)._search(resource, search))
    if not found:
        click.echo("none", err=True)
    elif as_json:
        for record in found:
            click.echo(json.dumps(record))
    else:
        from fakekit.contract.envelope import TENANT_FIELDS  # imports marshmallow, too

        names = [name for name in found[0] if name not in TENANT_FIELDS]  # they are the same in every record
        print_table([names, *([_cell(record[name]) for name in names] for record in found)])


def _cell(value: object) -> str:
    """Return a value as a table shows it, on one line; null is empty."""
    return "" if value is None else " ".join(str(value).split())


@click.group(short_help="Add, list or remove the faults of an account.")
def fault() -> None:
    """Add, list or remove the faults of an account of a running server."""


@fault.command(short_help="Add a fault: fail=503,times=2.")
@click.argument("text", metavar="FAULT")
@account_options
def add(text: str, url: str | None, key: str) -> None:
    """Add a fault to every request with the key: fail=503,times=2 or slow=2s,path=customers/*."""
    click.echo(f"{_open(url, key).add_fault(text)}: {text}")


@fault.command("list", short_help="List the faults, and how often each was used.")
@account_options
@as_json_option
def list_(url: str | None, key: str, as_json: bool) -> None:
    """List the faults and stubs of an account, and how often each was used."""
    for active in _open(url, key).faults:
        click.echo(json.dumps(active) if as_json else shorten(f"{active['id']}: {describe_fault(active)}"))


@fault.command(short_help="Remove all faults and stubs.")
@account_options
def clear(url: str | None, key: str) -> None:
    """Remove all faults and stubs of an account, also those that it had from the start."""
    _open(url, key).clear_faults()


@click.command(short_help="Reset an account: back to the seed.")
@click.option("--undo", is_flag=True, help="Bring back what the last reset removed; what came since is lost.")
@account_options
def reset(undo: bool, url: str | None, key: str) -> None:
    """Reset an account of a running server: back to the seed.

    Records, faults, snapshots and clock are those of a new key then. Its requests stay, and it can be undone.
    """
    handle = _open(url, key)
    if undo:
        handle.undo_reset()
    else:
        handle.reset()


@click.command("open", short_help="Show an account in the browser.")
@account_options
def open_(url: str | None, key: str) -> None:
    """Show an account of a running server in the browser: its requests and why, records, faults and clock.

    The address is printed too, for a machine without a browser.
    """
    import webbrowser

    address = f"{_open(url, key).origin}{CONSOLE}/{key}"
    click.echo(address)
    if not webbrowser.open(address):
        click.echo("no browser was found here; open the address yourself", err=True)
