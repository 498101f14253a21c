"""Printing to a terminal or a pipe that may be full or closed."""

from __future__ import annotations

import os
import sys
from typing import TextIO

import click


def print_warning(message: object) -> None:
    """Print one line to stderr; a stderr that is full or closed is no reason to stop."""
    try:
        click.echo(f"warning: {message}", err=True)
    except OSError:
        drop_unwritten(sys.stderr)


def drop_unwritten(stream: TextIO | None) -> None:
    """Redirect a standard stream to the null device if its buffered output cannot be written.

    Otherwise the interpreter tries again when it exits, prints "Exception ignored" and exits with code 120.

    stream: None where it was closed when the interpreter started.
    """
    if stream is None:
        return
    try:
        stream.flush()
    except OSError:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)
