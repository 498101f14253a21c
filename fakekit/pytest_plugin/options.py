"""The plugin's command-line options and ini values, and whether a run is guarded."""

from __future__ import annotations

import pytest

IS_ON = pytest.StashKey[bool]()
"""Whether calls to the real service are stopped in this run."""


def _parse_limit(text: str) -> int:
    """Return the number that the text of --fakekit-max-assumed means: ASCII digits only.

    Raises ValueError for other text, which argparse turns into its usage message.
    """
    if not text.isascii() or not text.isdecimal():
        raise ValueError(text)
    return int(text)


_INI_VALUES = {
    "unread": "note, warn or fail: what happens when requests have unread names",
    "unused": "note, warn or fail: what happens when faults were not used",
    "world": "the world version that tests rely on; with another one they fail",
    "state": "where the accounts of the run are stored: a file, or postgresql://...",
    "guard": "on; or off: do not stop calls to the real XtraKit service",
}
"""By the name behind ``fakekit_``, the help on an ini value of text."""

_OPTIONS: dict[str, dict[str, object]] = {
    "url": {
        "metavar": "URL",
        "help": "use the fakekit that runs at URL; its control token, if any, is in FAKEKIT_CONTROL_TOKEN",
    },
    "server": {
        "choices": ("thread", "process"),
        "help": "where the fake runs: in a thread of this process, or in a process of its own",
    },
    "har": {
        "metavar": "DIR",
        "help": "write the requests of each failed test to a HAR file in DIR, which a browser imports",
    },
    "ledger": {
        "action": "store_true",
        "help": "list the assumptions that the answers to each test rely on",
    },
    "ledger-file": {
        "metavar": "FILE",
        "help": "write the operations and assumptions that the run has used to FILE",
    },
    "max-assumed": {
        "metavar": "N",
        "type": _parse_limit,
        "help": "fail the run if its answers rely on more than N assumptions",
    },
    "guard": {
        "choices": ("on", "off"),
        "help": "off: do not stop calls to the real XtraKit service, and do not patch the standard library",
    },
}
"""By the name behind ``--fakekit-``, the arguments of argparse for an option."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the plugin's command-line options and ini values, before pytest loads any conftest."""
    variables = "environment variables to set for the code under test: XTRAKIT_BASE_URL, or NAME = {api_key}"
    parser.addini("fakekit_env", variables, type="linelist", default=[])
    for name, help_text in _INI_VALUES.items():
        parser.addini(f"fakekit_{name}", help_text, default="on" if name == "guard" else "")
    for name, arguments in _OPTIONS.items():
        parser.getgroup("fakekit").addoption(f"--fakekit-{name}", **arguments)


def read_guard_option(config: pytest.Config) -> None:
    """Read whether this run is guarded, and stash it as `IS_ON`.

    The option --fakekit-guard wins over the ini value ``fakekit_guard``; without both it is on. Works before
    pytest has parsed all options. Raises `pytest.UsageError` for a value other than on and off.
    """
    early_value = getattr(config.known_args_namespace, "fakekit_guard", None)
    value = getattr(config.option, "fakekit_guard", None) or early_value or config.getini("fakekit_guard")
    if value not in ("on", "off"):
        raise pytest.UsageError(f"fakekit_guard: must be on or off; found {value!r}")
    config.stash[IS_ON] = value == "on"
