"""``fakekit exec``: run a command so that its calls to the vendor's hosts reach a fake."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from fakekit.accounts.account_key import DEMO_KEY
from fakekit.cli.options import read_settings, settings_options
from fakekit.documentation import page
from fakekit.settings import Settings
from fakekit.settings.table import FAKE_SETTINGS

if TYPE_CHECKING:
    from fakekit.accounts.registry import Accounts


@click.command(
    name="exec",
    short_help="Run a command whose calls to the vendor reach a fake.",
    context_settings={"allow_interspersed_args": False},
    epilog=f"Which clients reach the fake, and which do not: {page('exec')}",
)
@settings_options(FAKE_SETTINGS)
@click.option("--isolated", is_flag=True, help="Block every host that is not the vendor's or this machine.")
@click.option(
    "--summary",
    is_flag=True,
    help="At the end, print the requests to stderr, and the assumptions that the answers relied on.",
)
@click.option(
    "--strict-keys",
    is_flag=True,
    help=f"Reject keys that are not fk_... with 401; without this option they mean {DEMO_KEY}.",
)
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED, metavar="-- COMMAND...")
def exec_(command: tuple[str, ...], isolated: bool, summary: bool, strict_keys: bool, **options: Any) -> None:
    """Run a command whose calls to the vendor's hosts reach a fake of its own.

    For example: fakekit exec -- python report.py

    The command needs no change: https://app.xtrakit.com and https://api.xtrakit.com lead to the fake, by
    a proxy, a certificate and settings in the command's own environment. XTRAKIT_BASE_URL and
    XTRAKIT_API_KEY are set there too. The exit code is the command's.
    """
    from fakekit.intercept.running import CommandError, run

    settings = read_settings(options)
    with _start_session(settings, isolated, strict_keys) as session:
        try:
            code = run(command, session.environ)
        except CommandError as error:
            click.echo(f"error: {error}", err=True)
            code = error.code
        if summary:
            for line in _format_summary(session.accounts):
                click.echo(line, err=True)
    sys.exit(code)


@dataclass(frozen=True)
class _Session:
    """What one run of ``fakekit exec`` has: the command's environment and the fake's accounts."""

    environ: dict[str, str]
    accounts: Accounts


@contextmanager
def _start_session(settings: Settings, isolated: bool, strict_keys: bool) -> Iterator[_Session]:
    """Run a fake and a proxy to it during the block, and yield the session.

    Also sends fakekit's log to stderr, from warnings on, unless the process has configured a handler for it.

    isolated: whether the proxy refuses hosts that are neither the vendor's nor this machine's (--isolated).
    strict_keys: whether keys that are not ``fk_...`` are rejected with 401 instead of read as the demo key
        (--strict-keys).
    """
    from fakekit.app import create_app
    from fakekit.intercept.child import child_environment
    from fakekit.intercept.keys import keep_key, replace_key
    from fakekit.intercept.session import open_session
    from fakekit.log import LOGGER
    from fakekit.server.listening import Listener, bind
    from fakekit.server.log_writer import log_to_stderr
    from fakekit.server.thread import ThreadServer

    log_to_stderr()
    LOGGER.setLevel(logging.WARNING)  # stderr belongs to the command: no line per request
    app = create_app(settings.without_warnings())
    key_for = keep_key if strict_keys else replace_key()
    with ExitStack() as stack:
        server = ThreadServer(app, Listener(bind("127.0.0.1", 0)))
        server.start()
        stack.callback(server.stop)
        session = open_session(
            server.listener.origin,
            DEMO_KEY,
            key_for,
            server.listening,
            isolated=isolated,
            prefix="fakekit-exec-",
        )
        run, _ = stack.enter_context(session)
        yield _Session(child_environment(run, os.environ), app.extensions["fakekit"].accounts)


def _format_summary(accounts: Accounts) -> Iterator[str]:
    """Yield the lines of ``--summary``: one per request, then the assumptions that the answers relied on.

    The count says "more than" when a journal has dropped entries.
    """
    journals = [accounts.unauthenticated, *(account.journal for account in accounts.list_open())]
    entries = sorted((entry for journal in journals for entry in journal), key=lambda e: e.number)
    more = "more than " if any(journal.truncated for journal in journals) else ""
    yield f"fakekit: {more}{len(entries):,} request{'' if len(entries) == 1 else 's'}"
    for entry in entries:
        query = "?..." if entry.query else ""
        note = f": {entry.note}" if entry.note else ""
        yield f"fakekit: {entry.method} {entry.path}{query} {entry.status}{note}"
    names = sorted({name for entry in entries for name in entry.assumed})
    if names:
        suffix = "" if len(names) == 1 else "s"
        yield f"fakekit: the run relies on {len(names)} assumption{suffix}: {', '.join(names)}"
