"""``fakekit wait``: wait until a server answers; with ``--timeout 0``, a health check."""

from __future__ import annotations

import json
import math
import sys
import time
from http import HTTPStatus
from socket import gaierror
from urllib.parse import urlsplit

import click

from fakekit.addresses import serve_hint
from fakekit.cli.address import address_of_argument, address_of_settings
from fakekit.cli.options import read_settings
from fakekit.cli.output import print_error
from fakekit.errors import Problem, SettingsError
from fakekit.settings.table import WAIT_SETTINGS
from fakekit.testing.connection import send_request
from fakekit.vendor import BASE_PATH

TRY_SECONDS = 2.0
"""How long a try waits for the whole answer; a busy machine holds one up for half a second now and then."""

_NOT_FAKEKIT = "something answers, but not as fakekit does"
_NO_FILE = "no such file yet, or not one that fakekit wrote; what fakekit serve printed says why"


@click.command(short_help="Wait until a fakekit answers; print its base URL.")
@click.argument("where", metavar="[URL|FILE]", required=False)
@click.option(
    "--timeout",
    type=click.FloatRange(0, 3600),
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait; with 0 it asks once, as a health check does.",
)
def wait(where: str | None, timeout: float) -> None:
    """Wait until the fakekit at URL answers, then print its base URL and exit 0; exit 1 if it does not.

    URL is what `fakekit serve` prints: the origin or the base URL. A FILE (a name that ends in .json) is
    the one that `fakekit serve --ready-file FILE` writes. With neither, it waits for the server on this
    machine that the settings describe: FAKEKIT_READY_FILE, else FAKEKIT_HOST, FAKEKIT_PORT and FAKEKIT_TLS.

    \f
    Raises `SettingsError` for an address or a time-out that is none.
    """  # noqa: D301 (click ends the help at this character)
    if math.isnan(timeout):
        raise SettingsError(Problem("--timeout", "must be a number of seconds", "nan", "10"))
    if where:
        address = address_of_argument(where)
    else:
        settings = read_settings(dict.fromkeys(WAIT_SETTINGS))
        address = address_of_settings(settings, "fakekit wait URL")
    deadline = time.monotonic() + timeout
    while True:  # with --timeout 0 there is one try
        origin = address.find_origin()
        reason = _NO_FILE if origin is None else _check_health(origin, address.in_file)
        if reason is None:
            click.echo(f"{origin}{BASE_PATH}")
            return
        if time.monotonic() >= deadline:
            print_error(f"{address.name}: {reason}")
            sys.exit(1)
        time.sleep(0.05)


def _check_health(origin: str, in_file: bool) -> str | None:
    """Return None if fakekit answers at an origin, in `TRY_SECONDS`; else the reason why not, as text.

    in_file: whether the origin was read from a ready file.
    """
    status = ""
    try:
        # No certificate is checked: nothing secret is sent, and `fakekit serve --tls` makes its own.
        reply = send_request(
            origin,
            "GET",
            "/_fakekit/health",
            timeout=TRY_SECONDS,
            total_timeout=TRY_SECONDS,
            check_certificate=False,
        )
        status = "" if reply.status == HTTPStatus.OK else f" (HTTP {reply.status})"
        content = None if status else json.loads(reply.body)
    except ValueError:  # neither HTTP nor JSON
        content = None
    except OSError as error:
        return _explain_error(origin, in_file, error)
    is_fakekit = isinstance(content, dict) and content.get("status") == "ok"
    return None if is_fakekit else f"{_NOT_FAKEKIT}{status}{serve_hint(origin, None)}"


def _explain_error(origin: str, in_file: bool, error: OSError) -> str:
    """Return why nothing answers at an origin, and what to do about it.

    A host without a port that is not known may be the name of a ready file. in_file: as for `_check_health`.
    """
    if in_file and isinstance(error, ConnectionRefusedError):
        return f"no server answers at {origin} any more; start it again, or read what it printed"
    if isinstance(error, gaierror) and not in_file and urlsplit(origin).port is None:
        return f"no answer ({error}); if it is a ready file, its name must end in .json"
    return f"no answer ({error}){serve_hint(origin, error)}"
