"""Whether a run is guarded: the option --fakekit-guard and the ini value ``fakekit_guard``."""

from __future__ import annotations

import pytest

IS_ON = pytest.StashKey[bool]()
"""Whether calls to the real service are stopped in this run."""

_CHOICES = ("on", "off")


def add_options(parser: pytest.Parser) -> None:
    """Declare the option --fakekit-guard and the ini value ``fakekit_guard``; both are ``on`` or ``off``.

    The guard is on by default.
    """
    group = parser.getgroup("fakekit")
    group.addoption(
        "--fakekit-guard",
        choices=_CHOICES,
        help="off: do not stop calls to the real XtraKit service, and do not patch the standard library",
    )
    parser.addini("fakekit_guard", "on; or off: do not stop calls to the real XtraKit service", default="on")


def read_guard_option(config: pytest.Config) -> None:
    """Read whether this run is guarded, and stash it as `IS_ON`.

    The option --fakekit-guard wins over the ini value ``fakekit_guard``; without both it is on. Works before
    pytest has parsed all options. Raises `pytest.UsageError` for a value other than on and off.
    """
    early_value = getattr(config.known_args_namespace, "fakekit_guard", None)
    value = getattr(config.option, "fakekit_guard", None) or early_value or config.getini("fakekit_guard")
    if value not in _CHOICES:
        raise pytest.UsageError(f"fakekit_guard: must be on or off; found {value!r}")
    config.stash[IS_ON] = value == "on"
