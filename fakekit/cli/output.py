"""Printing to a terminal or a pipe that may be full or closed: messages, and tables that fit in it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from typing import TextIO

import click

from fakekit.errors import HIDDEN

as_json_option = click.option("--json", "as_json", is_flag=True, help="Print a JSON object per line.")


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


def set_encoding(stream: TextIO | None) -> None:
    """Have a standard stream take any text: a terminal gets ``?`` for what it lacks, anything else UTF-8.

    On Windows the encoding of a pipe is a code page, such as cp1252, which lacks letters of many names, and
    `fakekit check` reads what `fakekit generate` prints as UTF-8.

    stream: None or no stream of text, where nothing is done, as in a test that replaced it.
    """
    if not isinstance(stream, TextIOWrapper):
        return
    if stream.isatty():
        stream.reconfigure(errors="replace")
    else:
        stream.reconfigure(encoding="utf-8", errors=stream.errors)


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


def print_table(rows: Sequence[Sequence[str]]) -> None:
    """Print rows in columns, as many of the columns as the terminal is wide; nothing for no rows."""
    widths = [min(30, max(map(len, column))) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [shorten(cell, width).ljust(width) for cell, width in zip(row, widths, strict=True)]
        click.echo(shorten("  ".join(cells)).rstrip())


def shorten(line: str, width: int = 0) -> str:
    """Return a text with ``...`` for what is beyond a width, by default the terminal's (80 for a pipe).

    Control characters become ``?``: the text may come from any client, and must not command the terminal.
    """
    width = width or shutil.get_terminal_size().columns
    line = line if len(line) <= width else line[: width - len(HIDDEN)] + HIDDEN
    return "".join(char if char.isprintable() else "?" for char in line)
