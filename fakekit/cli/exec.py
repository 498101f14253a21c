"""``fakekit exec``: run a command so that its calls to the vendor's hosts reach a fake."""

from __future__ import annotations

import logging
import os
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import click

from fakekit.accounts.account_key import DEMO_KEY
from fakekit.cli.options import read_settings, settings_options
from fakekit.cli.output import print_error
from fakekit.documentation import page
from fakekit.errors import Problem, SettingsError
from fakekit.settings import Settings
from fakekit.settings.table import FAKE_SETTINGS
from fakekit.vendor import BASE_PATH

if TYPE_CHECKING:
    from fakekit.accounts.registry import Accounts
    from fakekit.intercept.isolated import AllowedService
    from fakekit.intercept.running import Start
    from fakekit.server.listening import KeyFor
    from fakekit.server.thread import ThreadServer


@click.command(
    name="exec",
    short_help="Run a command whose calls to the vendor reach a fake.",
    context_settings={"allow_interspersed_args": False},
    epilog=f"Which clients reach the fake, and which do not: {page('exec')}",
)
@settings_options(FAKE_SETTINGS)
@click.option(
    "--isolated",
    is_flag=True,
    help="Run the command without a network, in namespaces of the kernel: it reaches the fake only (Linux).",
)
@click.option(
    "--allow",
    multiple=True,
    metavar="HOST:PORT",
    help="With --isolated, let the command reach this service of this machine; can be repeated.",
)
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
def exec_(
    command: tuple[str, ...],
    isolated: bool,
    allow: tuple[str, ...],
    summary: bool,
    strict_keys: bool,
    **options: object,
) -> None:
    """Run a command whose calls to the vendor's hosts reach a fake of its own.

    For example: fakekit exec -- python report.py

    The command needs no change: https://app.xtrakit.com and https://api.xtrakit.com lead to the fake, by
    a proxy, a certificate and settings in the command's own environment, or with --isolated by the kernel.
    XTRAKIT_BASE_URL and XTRAKIT_API_KEY are set there too. The exit code is the command's.
    """
    from fakekit.intercept.running import CommandError, run
    from fakekit.server.keys import keep_key, replace_foreign_key

    settings = read_settings(options)
    allowed = _parse_all_allowed(allow, isolated)
    key_for = keep_key if strict_keys else replace_foreign_key()
    with (
        _start_isolated_session(settings, key_for, allowed) if isolated else _start_session(settings, key_for)
    ) as (environ, start, accounts):
        try:
            code = run(command, environ, start)
        except CommandError as error:
            print_error(error)
            code = error.code
        if summary:
            for line in _format_summary(accounts):
                click.echo(line, err=True)
    sys.exit(code)


def _parse_all_allowed(texts: Sequence[str], isolated: bool) -> list[AllowedService]:
    """Return the services of all ``--allow`` options, one for each address.

    Raises `SettingsError` for one that cannot be used, and for any without ``--isolated``.
    """
    if not texts:
        return []
    if not isolated:
        problem = Problem("--allow", "has no effect without --isolated", "", "--isolated, or no --allow")
        raise SettingsError(problem)
    from fakekit.intercept.isolated import parse_allowed

    services = [parse_allowed(text) for text in texts]
    return list({service.address: service for service in services}.values())


@contextmanager
def _start_session(settings: Settings, key_for: KeyFor) -> Iterator[tuple[dict[str, str], Start, Accounts]]:
    """Run a fake and a proxy to it during the block.

    Gives the environment variables of the command, what starts it, and the accounts of the fake.

    key_for: returns the key with which the fake receives a request.
    """
    from fakekit.intercept.child import child_environment
    from fakekit.intercept.replaced import record_replaced
    from fakekit.intercept.running import start_process
    from fakekit.intercept.session import open_session, serve_vendor_hosts
    from fakekit.intercept.wrappers import add_wrappers
    from fakekit.server.listening import bind

    with ExitStack() as stack:
        server, accounts = stack.enter_context(_serve_fake(settings, bind("127.0.0.1", 0)))
        session = open_session(
            server.listener.origin,
            DEMO_KEY,
            serve_vendor_hosts(server.listening, key_for),
            prefix="fakekit-exec-",
        )
        run, _ = stack.enter_context(session)
        environ = add_wrappers(run.folder, os.environ, child_environment(run, os.environ))
        yield record_replaced(os.environ, environ), start_process, accounts


@contextmanager
def _start_isolated_session(
    settings: Settings, key_for: KeyFor, allowed: Sequence[AllowedService]
) -> Iterator[tuple[dict[str, str], Start, Accounts]]:
    """Run a fake during the block, which an isolated command reaches, and give the same as `_start_session`.

    Raises `SettingsError` where the kernel does not isolate; nothing was started then.

    key_for: as of `_start_session`.
    allowed: services of this machine that the command reaches, too.
    """
    from fakekit.intercept.hosts import LOOPBACK
    from fakekit.intercept.isolated import VENDOR_ADDRESSES, open_isolated_session
    from fakekit.intercept.namespaces import Address, open_namespaces

    addresses = [*VENDOR_ADDRESSES, *(service.address for service in allowed), Address(LOOPBACK, 0)]
    with ExitStack() as stack:
        process = stack.enter_context(open_namespaces(addresses))
        server, accounts = stack.enter_context(_serve_fake(settings, process.listeners[-1]))
        session = open_isolated_session(
            process,
            server.listening,
            f"{server.listener.origin}{BASE_PATH}",
            DEMO_KEY,
            key_for,
            allowed,
        )
        yield stack.enter_context(session), process.start, accounts


@contextmanager
def _serve_fake(settings: Settings, sock: socket.socket) -> Iterator[tuple[ThreadServer, Accounts]]:
    """Serve a fake on a listening socket during the block; give its server and its accounts.

    Also sends fakekit's log to stderr, from warnings on, unless the process has configured a handler for it.
    """
    from fakekit.app import create_app
    from fakekit.log import LOGGER
    from fakekit.server.listening import Listener
    from fakekit.server.log_writer import log_to_stderr
    from fakekit.server.thread import ThreadServer

    log_to_stderr()
    LOGGER.setLevel(logging.WARNING)  # stderr belongs to the command: no line per request
    app = create_app(settings)
    server = ThreadServer(app, Listener(sock))
    server.start()
    try:
        yield server, app.extensions["fakekit"].accounts
    finally:
        server.stop()


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
        from fakekit.contract.provenance import describe_assumptions

        yield f"fakekit: {describe_assumptions(names)}"
