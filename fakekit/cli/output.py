"""Printing to a terminal or a pipe that may be full or closed."""

from __future__ import annotations

import os
import sys
from typing import TextIO

import click


def print_warning(message: object, log_format: str = "text") -> None:
    """Print a warning to stderr in the format of the log; do nothing if stderr is full or closed."""
    try:
        from fakekit.log import format_warning  # imports logging, which commands without warnings do not need

        click.echo(format_warning(str(message), log_format == "json"), err=True)
    except OSError:
        redirect_failed_stream(sys.stderr)


def print_error(message: object) -> None:
    """Print each line of a message to stderr, with ``error:`` in front. Raises OSError if stderr is full."""
    for line in str(message).splitlines():
        click.echo(f"error: {line}", err=True)


def redirect_failed_stream(stream: TextIO | None) -> None:
    """Flush a standard stream; if that fails, redirect it to the null device, and its output is lost.

    Otherwise Python flushes again at exit, prints "Exception ignored" and exits with code 120.

    stream: None, where nothing is done, if it was closed when Python started.
    """
    if stream is None:
        return
    try:
        stream.flush()
    except OSError:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)
