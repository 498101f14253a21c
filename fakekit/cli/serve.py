"""``fakekit serve``: the fake on an address of this machine, until Ctrl-C."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

import click

from fakekit._version import __version__
from fakekit.accounts.account_key import DEMO_KEY
from fakekit.cli.libraries import import_partially
from fakekit.cli.options import read_settings, settings_options
from fakekit.errors import Problem, SettingsError
from fakekit.server.listening import Listener, ReadyFile, bind
from fakekit.server.log_writer import log_to_stderr
from fakekit.settings import Settings
from fakekit.settings.table import SERVE_SETTINGS
from fakekit.vendor import BASE_PATH

if TYPE_CHECKING:
    from fakekit.accounts.registry import Accounts
    from fakekit.accounts.state_store import StateStore


@click.command(short_help="Serve the fake on this machine, until Ctrl-C.")
@settings_options(SERVE_SETTINGS)
@click.pass_obj
def serve(parent: int, /, **options: object) -> None:
    """Serve the fake on this machine, until Ctrl-C.

    For example: fakekit serve --fixtures shop.yaml --port 0

    The key to use is fk_demo, or fk_ and any name.

    Every option is also an environment variable (--max-accounts is FAKEKIT_MAX_ACCOUNTS) and a key
    of [tool.fakekit] in pyproject.toml.
    """
    settings = read_settings(options)
    _check_workers(settings)
    log_to_stderr(settings.log_format)
    ready_file = None
    if settings.ready_file is not None:
        ready_file = ReadyFile(settings.ready_file, settings.sources["ready_file"])
        ready_file.check_writable()
    with bind(settings.host, settings.port, settings.sources["host"]) as sock:
        if settings.tls:
            from fakekit.intercept.tls import with_certificate  # imports cryptography, which takes long

            with with_certificate(sock, settings.host) as listener:
                _serve_app(settings, listener, ready_file, parent)
        else:
            _serve_app(settings, Listener(sock), ready_file, parent)


def _serve_app(settings: Settings, listener: Listener, ready_file: ReadyFile | None, parent: int) -> None:
    """Make the app, print how to reach it, and serve it until Ctrl-C or SIGTERM.

    A ready file of an earlier run is deleted first. Raises `SettingsError` or `FixtureError`.

    listener: the bound socket to serve on, and its certificate if it serves TLS.
    parent: the id of the process that started this one.
    """
    with _paused_collector():
        import_partially(with_yaml=bool(settings.fixtures))
        from fakekit.app import create_app

        app = create_app(settings)
        serve_with = _select_server(settings)
    if ready_file is not None:  # of an earlier run; deleted only now, since this run might have failed before
        ready_file.file.unlink(missing_ok=True)
    accounts = app.extensions["fakekit"].accounts
    _print_start(listener, accounts, bool(settings.fixtures))
    token = app.extensions["fakekit-token"]  # empty for a server on loopback
    if token and settings.control_token is None:
        click.echo(f"control token  {token}\n")
    serve_with(app, listener, ready_file, parent if settings.exit_with_parent else None)


@contextmanager
def _paused_collector() -> Iterator[None]:
    """Return a context manager that pauses the garbage collector, and leaves what is made meanwhile to stay.

    What a start imports and makes is all in use: 117 collections take 10 ms and find nothing. `gc.freeze`
    keeps later ones from looking at it, which would also write into every page of memory that gunicorn's
    worker shares with its master (1 MB); its documentation recommends both before a fork.
    """
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        gc.enable()


def _check_workers(settings: Settings) -> None:
    """Raise `SettingsError` for several workers that would have no store in common, or no gunicorn."""
    if settings.workers == 1:
        return
    source, found = settings.sources["workers"], str(settings.workers)
    if settings.state is None:
        description = "needs a store that all workers share; in memory, each would have accounts of its own"
        raise SettingsError(Problem(source, description, found, "--state FILE as well, or --workers 1"))
    if settings.server == "alone":
        description = "needs gunicorn: with --server alone there is one process"
        raise SettingsError(Problem(source, description, found, "--server gunicorn, or --workers 1"))


def _select_server(settings: Settings) -> Callable[..., None]:
    """Return the function that serves the app: under gunicorn if it can be imported, else in this process.

    Raises `SettingsError` when gunicorn is chosen, or several workers are, and it cannot be imported, as on
    Windows.
    """
    if settings.server != "alone":
        try:
            from fakekit.server.process import serve as serve_on_gunicorn
        except ImportError:  # Windows has no fcntl, and gunicorn is not installed there
            if settings.server == "gunicorn":
                problem = Problem(
                    settings.sources["server"], "gunicorn does not run here", "", "--server alone"
                )
                raise SettingsError(problem) from None
            if settings.workers > 1:
                found = str(settings.workers)
                problem = Problem(
                    settings.sources["workers"],
                    "needs gunicorn, which does not run here",
                    found,
                    "--workers 1",
                )
                raise SettingsError(problem) from None
        else:
            return partial(serve_on_gunicorn, workers=settings.workers)
    from fakekit.server.thread import serve as serve_in_this_process

    return serve_in_this_process


def _print_start(listener: Listener, accounts: Accounts, has_fixtures: bool) -> None:
    """Print what a user needs for a first request: address, key and a curl line.

    listener: where it is served, and the certificate to trust with TLS.
    has_fixtures: whether the user named fixture files; their customers are then counted separately.
    """
    origin, certificate, world = listener.origin, listener.certificate, accounts.world
    customer_count = world.count_records("customers")
    from_files = len(world.file_ids("customers")) if has_fixtures else 0
    file_count = f", {from_files:,} from files" if from_files else ""
    trust_lines = (
        f"trust     {certificate} in CURL_CA_BUNDLE,\n"
        "          REQUESTS_CA_BUNDLE, SSL_CERT_FILE, NODE_EXTRA_CA_CERTS\n"
    )
    certificate_option = f"--cacert {certificate} \\\n  " if certificate else ""
    customer_id = next(world.ids("customers"), 1)
    click.echo(
        f"fakekit {__version__}, a fake of the XtraKit API (not the real one)\n"
        f"origin    {origin}\n"
        f"base URL  {origin}{BASE_PATH}\n"
        f"key       {DEMO_KEY} (any fk_... has an account of its own)\n"
        f"seed      {world.seed}, {customer_count:,} customers{file_count}\n"
        f"{_describe_state(accounts.state)}"
        f"console   {origin}/ in a browser\n"
        f"{trust_lines if certificate else ''}"
        f"\n"
        f"curl {certificate_option}-H 'Authorization: Bearer {DEMO_KEY}' \\\n"
        f"  {origin}{BASE_PATH}/customers/{customer_id}\n"
    )


def _describe_state(state: StateStore | None) -> str:
    """Return the line about the store of the accounts, and how many it has; empty where there is none."""
    if state is None:
        return ""
    count = sum(not row.alias_of for row in state.rows())
    return f"state     {state.location} ({count:,} account{'' if count == 1 else 's'})\n"
