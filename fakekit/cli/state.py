"""``fakekit state list``, ``show`` and ``drop``: the accounts in a store, also without a server."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

import click

from fakekit.accounts.account_key import KEY
from fakekit.cli.options import read_settings, settings_options
from fakekit.cli.output import as_json_option, print_table
from fakekit.errors import NoRecordError, Problem, SettingsError, nearest

if TYPE_CHECKING:
    from fakekit.state.sql_store import SqlStore
    from fakekit.state.stored_summary import StoredSummary

F = TypeVar("F", bound=Callable[..., object])
_UNAUTHENTICATED = "-"
"""Stands for the requests without a valid key, as in the paths of the control API."""
_store_option = settings_options(["state"])


@click.group(short_help="List, show or delete the accounts that are stored (serve --state).")
def state() -> None:
    """List, show or delete the accounts in a store, with or without a running server.

    The store is that of --state, else of FAKEKIT_STATE or pyproject.toml.
    """


@contextmanager
def _open_store(options: dict[str, object]) -> Iterator[SqlStore]:
    """Return a context manager with the store that the command line or the settings name.

    Raises `SettingsError` when they name none, or what is no store.
    """
    settings = read_settings(options)
    if settings.state is None:
        description = "is not set, and accounts in the memory of a server are gone when it ends"
        raise SettingsError(Problem("--state", description, "", "--state FILE, or postgresql://..."))
    from fakekit.state import open_state

    store = open_state(settings.state, settings.max_accounts, None, settings.sources["state"])
    try:
        yield store
    finally:
        store.close()


@state.command("list", short_help="List the stored accounts.")
@_store_option
@as_json_option
def list_(as_json: bool, **options: object) -> None:
    """List the stored accounts, the least recently used first; - stands for requests without a valid key."""
    with _open_store(options) as store:
        summaries = store.summaries()
    if as_json:
        for summary in summaries:
            click.echo(json.dumps(_to_json(summary)))
    elif not summaries:
        click.echo("none", err=True)
    else:
        names = ["key", "version", "records", "faults", "requests", "size", "last request"]
        print_table([names, *map(_columns, summaries)])


def _to_json(summary: StoredSummary) -> dict[str, object]:
    """Return what `fakekit state list --json` prints of an account."""
    row, *counts = summary
    names = summary._fields[1:]
    about = {"key": row.key or _UNAUTHENTICATED, "version": row.version, "alias_of": row.alias_of or None}
    return about | dict(zip(names, counts, strict=True))


def _columns(summary: StoredSummary) -> list[str]:
    """Return the line of an account in the table: counts, about how many bytes, and the last request."""
    row = summary.row
    key = f"{row.key} = {row.alias_of}" if row.alias_of else row.key or _UNAUTHENTICATED
    counts = (row.version, summary.records, summary.faults, summary.requests, summary.size)
    time = summary.last_request
    when = "" if time is None else datetime.fromtimestamp(time).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    return [key, *(f"{count:,}" for count in counts), when]


@state.command(short_help="Print all that is stored of an account, as JSON.")
@click.argument("key")
@_store_option
def show(key: str, **options: object) -> None:
    """Print all that is stored of an account as JSON, without its requests; an alias is not followed."""
    with _open_store(options) as store:
        row, items = store.read(_stored_key(store, key))
    assert row is not None  # noqa: S101 (for mypy: `_stored_key` looked for it)
    parts: dict[str, dict[str, object]] = {}
    for item in items:
        if item.value is not None:
            parts.setdefault(item.part, {})[item.name] = json.loads(item.value)
    settings = json.loads(row.settings) if row.settings else None
    about = row._asdict() | {"key": key, "settings": settings, "truncated": bool(row.truncated)}
    click.echo(json.dumps(about | {"items": parts}, indent=2, ensure_ascii=False))


@state.command(short_help="Delete all that is stored of an account.")
@click.argument("key", required=False)
@click.option("--all", "all_", is_flag=True, help="Delete all accounts; another world may be served then.")
@_store_option
def drop(key: str | None, all_: bool, **options: object) -> None:
    """Delete all that is stored of an account, with its requests; a running server sees that at once.

    \f
    Raises `click.UsageError` unless there is either a key or ``--all``, `NoRecordError` for an unknown key.
    """  # noqa: D301 (click ends the help at this character)
    if all_ == (key is not None):
        raise click.UsageError("write KEY or --all")
    with _open_store(options) as store:
        if key is None:
            store.drop_all()
        else:
            store.drop(_stored_key(store, key))


def _stored_key(store: SqlStore, key: str) -> str:
    """Return a key as it is stored. Raises `NoRecordError` when nothing is stored under it."""
    stored = "" if key == _UNAUTHENTICATED else key
    if store.find(stored) is not None:
        return stored
    # What is no key may be a credential that was typed by mistake.
    found = key if KEY.fullmatch(key) else ""
    near = nearest(key, [row.key for row in store.rows()]) if found else None
    raise NoRecordError(
        Problem("KEY", "nothing is stored under it", found, near or "one that fakekit state list prints")
    )
