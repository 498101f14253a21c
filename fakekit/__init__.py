"""fakekit: a fake of the XtraKit HTTP API for local development, CI and test suites.

Importing this does no work; the names below are fetched when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakekit._version import __version__

if TYPE_CHECKING:
    from fakekit.app import create_app
    from fakekit.errors import FakekitError, FixtureError, SettingsError
    from fakekit.handle import Handle, NoRecordError, RefusedRecordError
    from fakekit.server import FakeServer
    from fakekit.settings import Settings

__all__ = [
    "FakeServer",
    "FakekitError",
    "FixtureError",
    "Handle",
    "NoRecordError",
    "RefusedRecordError",
    "Settings",
    "SettingsError",
    "__version__",
    "create_app",
]

_HOMES = {
    "create_app": "fakekit.app",
    "FakekitError": "fakekit.errors",
    "FixtureError": "fakekit.errors",
    "SettingsError": "fakekit.errors",
    "Settings": "fakekit.settings",
    "FakeServer": "fakekit.server",
    "Handle": "fakekit.handle",
    "NoRecordError": "fakekit.handle",
    "RefusedRecordError": "fakekit.handle",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'fakekit' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
