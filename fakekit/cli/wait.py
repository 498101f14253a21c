"""``fakekit wait``: wait until a server answers; with ``--timeout 0``, a health check."""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path

import click

from fakekit.addresses import origin_at, reached_at, read_origin
from fakekit.cli.options import read_settings
from fakekit.errors import Problem, SettingsError
from fakekit.settings.table import WAIT_SETTINGS
from fakekit.testing.connection import send_request

_UNLIKE = "something answers, but not as fakekit does"


@click.command(short_help="Wait until a fakekit answers; print its base URL.")
@click.argument("where", metavar="[URL|FILE]", required=False)
@click.option(
    "--timeout",
    type=click.FloatRange(0, 3600),
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait; 0 asks once, as a health check does.",
)
def wait(where: str | None, timeout: float) -> None:
    """Wait until the fakekit at URL answers, then print its base URL and exit 0; exit 1 if it does not.

    URL is what `fakekit serve` prints: the origin or the base URL. A FILE (a name that ends in .json) is
    the one that `fakekit serve --ready-file FILE` writes. With neither, it asks on this machine where the
    settings of the environment let `fakekit serve` listen: FAKEKIT_READY_FILE, else FAKEKIT_HOST,
    FAKEKIT_PORT and FAKEKIT_TLS.
    """
    if math.isnan(timeout):
        raise SettingsError(Problem("--timeout", "must be a number of seconds", "nan", "10"))
    target, origin = _origin_of_argument(where) if where else _origin_of_settings()
    deadline = time.monotonic() + timeout
    while (reason := _ask(origin(), min(1.0, max(0.5, deadline - time.monotonic())))) is not None:
        if time.monotonic() >= deadline:
            click.echo(f"error: {target}: {reason}", err=True)
            sys.exit(1)
        time.sleep(0.05)
    click.echo(f"{origin()}/api/v1")


def _origin_of_argument(where: str) -> tuple[str, Callable[[], str | None]]:
    """Return the argument, for messages, and a function that returns the origin it means by now.

    The function returns None while there is none.
    """
    is_file = where.endswith(".json") and "://" not in where
    return where, _from_file(Path(where)) if is_file else _fixed_origin(read_origin(where))


def _origin_of_settings() -> tuple[str, Callable[[], str | None]]:
    """Return the same as `_check_record_key` for the server that the settings describe.

    Raises `SettingsError` when they leave the port open and name no ready file.
    """
    settings = read_settings(dict.fromkeys(WAIT_SETTINGS))
    if settings.ready_file is not None:
        return str(settings.ready_file), _from_file(settings.ready_file)
    if settings.port == 0:
        what = "is 0, a free port, and nobody else knows which"
        write = "FAKEKIT_READY_FILE, for both, or fakekit wait URL"
        raise SettingsError(Problem(settings.sources["port"], what, "0", write))
    address = origin_at("https" if settings.tls else "http", reached_at(settings.host), settings.port)
    return address, _fixed_origin(read_origin(address, settings.sources["host"]))


def _fixed_origin(origin: str) -> Callable[[], str | None]:
    """Return a function that always returns this origin."""
    return lambda: origin


def _from_file(file: Path) -> Callable[[], str | None]:
    """Return a function that returns the origin in a ready file; None while there is no such file.

    The file is read each time: one of an earlier run may still be there.
    """

    def read() -> str | None:
        try:
            return read_origin(json.loads(file.read_text("utf-8"))["url"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    return read


def _ask(origin: str | None, timeout: float) -> str | None:
    """Return None when fakekit answers at an origin, else the reason why it does not."""
    if origin is None:
        return "no such file yet, or not one that fakekit wrote"
    try:
        # No certificate is checked: nothing secret is sent, and `fakekit serve --tls` makes its own.
        reply = send_request(origin, "GET", "/_fakekit/health", timeout=timeout, check_certificate=False)
        if reply.status != HTTPStatus.OK:
            return f"{_UNLIKE} (HTTP {reply.status})"
        document = json.loads(reply.body)
    except ValueError:
        return _UNLIKE
    except OSError as error:
        return f"no answer ({error})"
    return None if isinstance(document, dict) and document.get("status") == "ok" else _UNLIKE
