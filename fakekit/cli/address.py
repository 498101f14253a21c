"""Which running server a command is about: the one that an argument names, or that the settings describe."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from fakekit.addresses import origin_at, reached_at, read_origin
from fakekit.errors import Problem, SettingsError
from fakekit.settings import Settings


def origin_of_argument(where: str) -> tuple[str, Callable[[], str | None]]:
    """Return a name for messages and a function that returns the server's origin, from the argument.

    The name is the file's, or the address without a path and user-info.

    For a ready file the function returns None while the file is missing or cannot be parsed.

    where: an address, or a file name that ends in ``.json``. Raises `SettingsError` for what is neither.
    """
    if where.endswith(".json") and "://" not in where:
        return where, lambda: _read_ready_file(Path(where))
    origin = read_origin(where)
    return origin, lambda: origin


def origin_of_settings(settings: Settings, cure: str) -> tuple[str, Callable[[], str | None]]:
    """Return a name for messages and a function that returns the server's origin, from the settings.

    A ready file wins over host and port. For one, the function returns None while the file is missing or
    cannot be parsed. Raises `SettingsError` when the port is 0 and no ready file is set: nobody could know
    the port.

    settings: those of `WAIT_SETTINGS` have been read.
    cure: how the command is given the address of a server, for that error: ``fakekit wait URL``.
    """
    if (file := settings.ready_file) is not None:
        return str(file), lambda: _read_ready_file(file)
    if settings.port == 0:
        description = "is 0, which means a free port, so the port is not known here"
        write = f"FAKEKIT_READY_FILE for both commands, or {cure}"
        raise SettingsError(Problem(settings.sources["port"], description, "0", write))
    address = origin_at("https" if settings.tls else "http", reached_at(settings.host), settings.port)
    origin = read_origin(address, settings.sources["host"])
    return address, lambda: origin


def _read_ready_file(file: Path) -> str | None:
    """Return the origin in a ready file; None for a file that is missing, is not JSON or has no ``url``.

    It is read for each try: one of an earlier run may be there first. Raises `SettingsError` for a URL that
    is no address.
    """
    try:
        return read_origin(json.loads(file.read_text("utf-8"))["url"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
