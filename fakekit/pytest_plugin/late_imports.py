"""The modules that the fixture needs: imported after collection, before a test may have replaced anything."""

from __future__ import annotations

from importlib import import_module

_MODULES = (
    "fakekit.testing.child",
    "fakekit.contract.openapi",
    "fakekit.control.api",
    "fakekit.control.clocks",
    "fakekit.control.openapi",
    "fakekit.control.values",
    "fakekit.faults.registry",
    "fakekit.faults.active",
    "fakekit.pytest_plugin.report",
    "fakekit.testing.remote",
    "fakekit.testing.verification",
    "fakekit.testing.fake_server",
    "fakekit.fixtures.write",
    "fakekit.fixtures.yaml_reader",
)
"""Modules that the fixture, the server in a thread and the handle import when they are first used."""

_INTERCEPT_MODULES = (
    "fakekit.intercept.redirect",
    "fakekit.intercept.gateway",
    "trustme",
    "cryptography.hazmat.primitives.serialization",
)
"""Modules that the mark ``intercept`` imports when it is first used."""


def import_modules(*, with_redirect: bool) -> str:
    """Import the modules that tests will need, and return a warning about Faker's version; empty for none.

    with_redirect: whether calls to the vendor's hosts will be redirected, which needs further modules.
    """
    for name in (*_MODULES, *(_INTERCEPT_MODULES if with_redirect else ())):
        import_module(name)
    warning: str = import_module("fakekit.world.names").faker_warning()
    return warning
