"""``fakekit wait``: until a server answers, or once as a health check."""

from __future__ import annotations

import json
import sys
import time
import urllib.error
import urllib.request
from urllib.parse import urlsplit

import click

from fakekit.errors import Problem, SettingsError

# No proxy: a health check of this machine must not leave it because HTTP_PROXY is set.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@click.command()
@click.argument("url")
@click.option(
    "--timeout",
    type=click.FloatRange(0, 3600),
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait; 0 asks once, as a health check does.",
)
def wait(url: str, timeout: float) -> None:
    """Wait until the fakekit at URL answers; exit 0 when it does, 1 when it does not.

    URL is what `fakekit serve` prints: the origin or the base URL.
    """
    health = _health_url(url)
    deadline = time.monotonic() + timeout
    while (reason := _ask(health, max(1.0, deadline - time.monotonic()))) is not None:
        if time.monotonic() >= deadline:
            click.echo(f"error: {health}: {reason}", err=True)
            sys.exit(1)
        time.sleep(0.05)


def _health_url(url: str) -> str:
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        host, _ = parts.hostname, parts.port
    except ValueError:
        parts, host = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not host:
        raise SettingsError(Problem("URL", "is not an address", repr(url), "http://127.0.0.1:4310"))
    if f".{host.rstrip(chr(46))}".endswith(".xtrakit.com"):
        what = "is the real service, which fakekit never calls"
        raise SettingsError(Problem("URL", what, host, "the address that fakekit serve printed"))
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/_fakekit/health"


def _ask(health: str, timeout: float) -> str | None:
    """None when fakekit answers there, else why not."""
    try:
        with _OPENER.open(health, timeout=timeout) as answer:
            told = json.loads(answer.read(10_000))
    except urllib.error.HTTPError as error:
        error.close()
        return f"something answers, but not as fakekit does (HTTP {error.code})"
    except ValueError:
        return "something answers, but not as fakekit does"
    except (OSError, urllib.error.URLError) as error:
        return f"no answer ({getattr(error, 'reason', error)})"
    is_fakekit = isinstance(told, dict) and told.get("status") == "ok"
    return None if is_fakekit else "something answers, but not as fakekit does"
