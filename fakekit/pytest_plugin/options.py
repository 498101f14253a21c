"""The plugin's command-line options and ini values."""

from __future__ import annotations

import pytest

from fakekit.pytest_plugin import guard_option


def _parse_limit(text: str) -> int:
    """Return the number that the text of --fakekit-max-assumed means: ASCII digits only.

    Raises ValueError for other text, which argparse turns into its usage message.
    """
    if not text.isascii() or not text.isdecimal():
        raise ValueError(text)
    return int(text)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the plugin's command-line options and ini values, before pytest loads any conftest."""
    group = parser.getgroup("fakekit")
    parser.addini(
        "fakekit_env",
        "environment variables to set for the code under test: XTRAKIT_BASE_URL, or NAME = {api_key}",
        type="linelist",
        default=[],
    )
    for name, values in (("unread", "requests have unread names"), ("unused", "faults were not used")):
        help_text = f"note, warn or fail: what happens when {values}"
        parser.addini(f"fakekit_{name}", help_text, default="")
    parser.addini(
        "fakekit_world", "the world version that tests rely on; with another one they fail", default=""
    )
    parser.addini(
        "fakekit_state", "where the accounts of the run are stored: a file, or postgresql://...", default=""
    )
    group.addoption(
        "--fakekit-url",
        metavar="URL",
        help="use the fakekit that runs at URL; FAKEKIT_CONTROL_TOKEN has its control token, if it needs one",
    )
    group.addoption(
        "--fakekit-server",
        choices=("thread", "process"),
        help="where the fake runs: in a thread of this process, or in a process of its own",
    )
    group.addoption(
        "--fakekit-har",
        metavar="DIR",
        help="write the requests of each failed test to a HAR file in DIR, which a browser imports",
    )
    group.addoption(
        "--fakekit-ledger",
        action="store_true",
        help="list the assumptions that the answers to each test rely on",
    )
    group.addoption(
        "--fakekit-ledger-file",
        metavar="FILE",
        help="write the operations and assumptions that the run has used to FILE",
    )
    group.addoption(
        "--fakekit-max-assumed",
        type=_parse_limit,
        metavar="N",
        help="fail the run if its answers rely on more than N assumptions",
    )
    guard_option.add_options(parser)
