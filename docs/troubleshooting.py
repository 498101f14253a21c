"""Write docs/troubleshooting.md from the messages that tests try; docs/make.py calls it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from docs.tables import table
from tests.helpers.messages import AT_THE_COMMAND_LINE, AUTHORIZATION, IN_FILES, IN_PYTHON, OVER_HTTP

SOURCE = Path(__file__).with_name("troubleshooting.in.md")


def troubleshooting_page() -> str:
    """Return docs/troubleshooting.md: docs/troubleshooting.in.md with the tables of messages put into it."""
    headers = [(f"`{header}`" if header else "no header", note) for header, note in AUTHORIZATION]
    requests = [(f"`{method} /api/v1/{path}`", note) for method, path, note in OVER_HTTP]
    tables = {
        "authorization": table(("Authorization", "Fakekit-Note"), headers),
        "over_http": table(("request", "Fakekit-Note"), requests),
        "in_python": _table_with_cure((code, message) for code, message in IN_PYTHON),
        "in_files": _table_with_cure((text.strip(), message) for _, text, message in IN_FILES),
        "at_the_command_line": _table_with_cure(
            (_command_line(command, variables), message.removeprefix("error: "))
            for command, variables, message in AT_THE_COMMAND_LINE
        ),
    }
    return SOURCE.read_text("utf-8").format_map(tables)


def _command_line(command: Iterable[str], variables: dict[str, str]) -> str:
    """Return a command as a shell reads it: ``FAKEKIT_SEED=x fakekit serve``."""
    return " ".join([*(f"{name}={value}" for name, value in variables.items()), "fakekit", *command])


def _table_with_cure(rows: Iterable[tuple[str, str]]) -> str:
    """Return a table of what was written, what the message says of it, and what to write instead.

    rows: pairs of a text and its message; the last column is empty for a message without a cure.
    """
    parts = [(f"`{text}`", *message.partition("; write ")[::2]) for text, message in rows]
    return table(("you wrote", "you see", "write"), parts)
