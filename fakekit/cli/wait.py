"""``fakekit wait``: until a server answers, or once as a health check."""

from __future__ import annotations

import http.client
import json
import math
import sys
import time
import urllib.error
from collections.abc import Callable
from pathlib import Path

import click

from fakekit.addresses import opener, read_origin
from fakekit.errors import Problem, SettingsError

# No certificate is checked: nothing secret is sent, and that of `fakekit serve --tls` is nobody else's.
_OPENER = opener(checked=False)

_UNLIKE = "something answers, but not as fakekit does"


@click.command(short_help="Wait until a fakekit answers; print its base URL.")
@click.argument("where", metavar="URL|FILE")
@click.option(
    "--timeout",
    type=click.FloatRange(0, 3600),
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait; 0 asks once, as a health check does.",
)
def wait(where: str, timeout: float) -> None:
    """Wait until the fakekit at URL answers, then print its base URL and exit 0; exit 1 if it does not.

    URL is what `fakekit serve` prints: the origin or the base URL. A FILE (a name that ends in .json) is
    the one that `fakekit serve --ready-file FILE` writes.
    """
    if math.isnan(timeout):
        raise SettingsError(Problem("--timeout", "must be a number of seconds", "nan", "10"))
    origin = _from_file(Path(where)) if where.endswith(".json") else _fixed(read_origin(where))
    deadline = time.monotonic() + timeout
    while (reason := _ask(origin(), min(1.0, max(0.5, deadline - time.monotonic())))) is not None:
        if time.monotonic() >= deadline:
            click.echo(f"error: {where}: {reason}", err=True)
            sys.exit(1)
        time.sleep(0.05)
    click.echo(f"{origin()}/api/v1")


def _fixed(origin: str) -> Callable[[], str | None]:
    return lambda: origin


def _from_file(file: Path) -> Callable[[], str | None]:
    """The origin that a ready file names, read anew each time: an old one may still be there."""

    def read() -> str | None:
        try:
            return read_origin(json.loads(file.read_text("utf-8"))["url"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    return read


def _ask(origin: str | None, timeout: float) -> str | None:
    """None when fakekit answers there, else why not."""
    if origin is None:
        return "no such file yet, or not one that fakekit wrote"
    try:
        with _OPENER.open(f"{origin}/_fakekit/health", timeout=timeout) as answer:
            told = json.loads(answer.read(10_000))
    except urllib.error.HTTPError as error:
        error.close()
        return f"{_UNLIKE} (HTTP {error.code})"
    except (ValueError, http.client.HTTPException):
        return _UNLIKE
    except OSError as error:
        return f"no answer ({getattr(error, 'reason', error)})"
    return None if isinstance(told, dict) and told.get("status") == "ok" else _UNLIKE
