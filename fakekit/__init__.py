"""fakekit: a fake of the XtraKit HTTP API for local development, CI and test suites.

Importing this does no work; the names below are fetched when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakekit._version import __version__

if TYPE_CHECKING:
    from fakekit.app import create_app
    from fakekit.errors import (
        ClockError,
        ControlError,
        FakekitError,
        FaultError,
        FixtureError,
        NoRecordError,
        RefusedRecordError,
        SettingsError,
        SnapshotError,
    )
    from fakekit.faults.callback import StubRequest
    from fakekit.settings import Settings
    from fakekit.testing.fake_server import FakeServer
    from fakekit.testing.handle import Handle
    from fakekit.testing.remote import connect
    from fakekit.testing.verification import Request

__all__ = [
    "ClockError",
    "ControlError",
    "FakeServer",
    "FakekitError",
    "FaultError",
    "FixtureError",
    "Handle",
    "NoRecordError",
    "RefusedRecordError",
    "Request",
    "Settings",
    "SettingsError",
    "SnapshotError",
    "StubRequest",
    "__version__",
    "connect",
    "create_app",
]

_MODULES = {
    "create_app": "fakekit.app",
    "connect": "fakekit.testing.remote",
    "FakeServer": "fakekit.testing.fake_server",
    "Handle": "fakekit.testing.handle",
    "Request": "fakekit.testing.verification",
    "Settings": "fakekit.settings",
    "StubRequest": "fakekit.faults.callback",
}
"""The modules of the public names that are not errors."""


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used (PEP 562). Raises AttributeError for an unknown one."""
    if name not in __all__:
        raise AttributeError(f"module 'fakekit' has no attribute {name!r}")
    from importlib import import_module  # here, so that importing fakekit costs nothing

    return getattr(import_module(_MODULES.get(name, "fakekit.errors")), name)


def __dir__() -> list[str]:
    """Return the public names, which are not in the module's dict before their first use."""
    return sorted(__all__)
