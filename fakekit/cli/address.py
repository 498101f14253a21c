"""Which running server a command is about: the one that an argument names, or that the settings describe."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from fakekit.addresses import origin_at, reached_at, read_origin
from fakekit.errors import Problem, SettingsError
from fakekit.settings import Settings


class ServerAddress(NamedTuple):
    """How a command finds its server.

    name: for messages: the ready file, or the address without a path and user-info.
    find_origin: returns the server's origin; None while a ready file is missing or cannot be parsed.
    in_file: whether it is in a ready file, which is there only while its server runs, unless it was killed.
    """

    name: str
    find_origin: Callable[[], str | None]
    in_file: bool


def address_of_argument(where: str) -> ServerAddress:
    """Return the address that an argument gives.

    where: an address, or a file name that ends in ``.json``. Raises `SettingsError` for what is neither.
    """
    if where.endswith(".json") and "://" not in where:
        return _address_in_file(Path(where))
    origin = read_origin(where)
    return ServerAddress(origin, lambda: origin, in_file=False)


def address_of_settings(settings: Settings, cure: str) -> ServerAddress:
    """Return the address that the settings give; a ready file wins over host and port.

    Raises `SettingsError` when the port is 0 and no ready file is set: nobody could know the port.

    settings: those of `WAIT_SETTINGS` have been read.
    cure: how the command is given the address of a server, for that error: ``fakekit wait URL``.
    """
    if (file := settings.ready_file) is not None:
        return _address_in_file(file)
    if settings.port == 0:
        description = "is 0, which means a free port, so the port is not known here"
        write = f"FAKEKIT_READY_FILE for both commands, or {cure}"
        raise SettingsError(Problem(settings.sources["port"], description, "0", write))
    address = origin_at("https" if settings.tls else "http", reached_at(settings.host), settings.port)
    origin = read_origin(address, settings.sources["host"])
    return ServerAddress(address, lambda: origin, in_file=False)


def _address_in_file(file: Path) -> ServerAddress:
    """Return the address that a ready file has, or will have."""
    return ServerAddress(str(file), lambda: _read_ready_file(file), in_file=True)


def _read_ready_file(file: Path) -> str | None:
    """Return the origin in a ready file; None for a file that is missing, is not JSON or has no ``url``.

    It is read for each try: one of an earlier run may be there first. Raises `SettingsError` for a URL that
    is no address.
    """
    try:
        return read_origin(json.loads(file.read_text("utf-8"))["url"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
