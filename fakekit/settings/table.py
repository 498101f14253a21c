"""The table of all options, from which the command line, the variables and docs/settings.md are made.

An option can be set in several places; the first of these wins: the command line (or a keyword argument),
the ``FAKEKIT_...`` variable, the key of ``[tool.fakekit]`` in the nearest ``pyproject.toml``, the default.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from fakekit.contract import LARGEST_POPULATION
from fakekit.contract.assumptions import read_changes
from fakekit.contract.positions import TABLE as POSITIONS
from fakekit.errors import FaultError, Problem, SettingsError, show
from fakekit.import_lock import IMPORT_LOCK
from fakekit.settings.environment import PREFIX
from fakekit.settings.value_types import (
    FAULT_KINDS,
    FAULTS,
    FLAG,
    HOST,
    PAIRS,
    PATH,
    PATHS,
    TEXT,
    ValueType,
    choice,
    whole_number,
)

DEFAULT_PORT = 4310
DEFAULT_CUSTOMERS = 50


@dataclass(frozen=True)
class Setting:
    """One option. Its flag, variable and key are derived from its name.

    name: ``max_accounts``; also the key in ``[tool.fakekit]``.
    value_type: reads the value, and says what a value must be.
    help: the text for ``--help`` and docs/settings.md.
    serve_only: whether the option has an effect only in ``fakekit serve``, not in the app itself; off by
        default.
    other_flag: a second name of its flag; empty for none.
    secret: whether its value must not appear in errors; off by default.
    page: the page of the documentation that explains the option; empty for none.
    """

    name: str
    value_type: ValueType
    default: Any
    help: str
    serve_only: bool = False
    other_flag: str = ""
    secret: bool = False
    page: str = ""

    @property
    def flag(self) -> str:
        """The name of the setting on the command line: ``--max-accounts``."""
        return "--" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        """The name of the setting in the environment: ``FAKEKIT_MAX_ACCOUNTS``."""
        return PREFIX + self.name.upper()

    def read(self, value: Any, source: str) -> Any:
        """Check a value and return it as the setting's type.

        source: where the value was set, for the error: ``--port``, ``FAKEKIT_PORT``.

        Raises `SettingsError` for an invalid value, with the source and, unless it is secret, the value.
        """
        try:
            parsed = self.value_type.parse(value)
        except ValueError:
            value_text = "" if self.secret else show(value)
            problem = Problem(source, f"must be {self.value_type.expected}", value_text)
            raise SettingsError(problem) from None
        if self.value_type is FAULTS:
            _check_faults(parsed, source)
        return (
            tuple(read_changes(POSITIONS, dict(parsed), source).items())
            if self.value_type is PAIRS
            else parsed
        )


def _check_faults(faults: Iterable[str], source: str) -> None:
    """Raise `SettingsError` if one of the faults cannot be parsed; otherwise do nothing.

    faults: each as text, ``fail=503,times=2``.
    source: where they were set, for the error: ``--fault``.
    """
    with IMPORT_LOCK:
        from fakekit.faults.registry import read_fault  # its import of marshmallow takes 50 ms

    try:
        for fault in faults:
            read_fault(fault, source)
    except FaultError as error:
        raise SettingsError(error.problems) from None


TABLE: tuple[Setting, ...] = (
    Setting(
        "seed",
        whole_number(-(2**63), 2**63 - 1),
        1,
        "The seed of the generated records: the same seed always gives the same customers.",
    ),
    Setting(
        "customers",
        whole_number(0, LARGEST_POPULATION),
        None,
        "How many customers are generated, with ids 1 to N; 0 leaves only those of fixture files. Overrides "
        f"the population that a file sets; {DEFAULT_CUSTOMERS} when neither is set.",
    ),
    Setting(
        "fixtures",
        PATHS,
        (),
        "A fixture file, or a folder of them: records that are added to the generated world or replace "
        "generated ones. May be given again; the later file wins.",
    ),
    Setting(
        "strict",
        FLAG,
        False,
        "Reject fixture records and requests whose values have an unusual form (an e-mail address without "
        "@) instead of warning, and check every answer against its schema.",
    ),
    Setting(
        "assumptions",
        PAIRS,
        (),
        "Set the value of an assumption, where you know what the real service does: missing.status=400. "
        "May be given again. "
        f"Those with a value are {', '.join(a.name for a in POSITIONS if a.value is not None)}.",
        page="fidelity",
    ),
    Setting(
        "max_accounts",
        whole_number(1, 1_000_000),
        10_000,
        "How many accounts, one for each key, are kept at once. A further one replaces the least recently "
        "used account without changes.",
    ),
    Setting(
        "faults",
        FAULTS,
        (),
        "A fault for the requests of every key: fail=503,times=2, or slow=2s,path=customers/*. May be "
        f"given again. The kinds are {', '.join(FAULT_KINDS)}.",
        page="faults",
        other_flag="--fault",
    ),
    Setting("host", HOST, "127.0.0.1", "The address to listen on.", serve_only=True),
    Setting(
        "port",
        whole_number(0, 65535),
        DEFAULT_PORT,
        "The port to listen on; 0 takes a free one.",
        serve_only=True,
    ),
    Setting(
        "server",
        choice("gunicorn", "alone", former={"waitress": "alone"}),
        None,
        "Who runs the server: gunicorn, as a process of its own, where it is installed; else fakekit alone.",
        serve_only=True,
    ),
    Setting(
        "changes",
        PATH,
        None,
        "Write what the key fk_demo changes to this fixture file, and load it again at the next start.",
        serve_only=True,
    ),
    Setting(
        "control_token",
        TEXT,
        None,
        "The token that the control API requires when the server is not bound to loopback; if none is set, a "
        "random one is made and printed. Set it as FAKEKIT_CONTROL_TOKEN: other users of the machine can "
        "read command lines.",
        secret=True,
        serve_only=True,
    ),
    Setting(
        "tls",
        FLAG,
        False,
        "Serve HTTPS, with a certificate that is made for this run; how to trust it is printed.",
        serve_only=True,
    ),
    Setting(
        "ready_file",
        PATH,
        None,
        "Write a JSON object (url, base_url, port, pid) to this file once the server answers requests.",
        serve_only=True,
    ),
    Setting(
        "exit_with_parent",
        FLAG,
        False,
        "Stop when the process that started the server ends.",
        serve_only=True,
    ),
)
BY_NAME = {setting.name: setting for setting in TABLE}
WORLD_SETTINGS = tuple(setting.name for setting in TABLE if not setting.serve_only)
"""The settings of what a fake serves, for every command and the pytest plugin."""
APP_SETTINGS = (*WORLD_SETTINGS, "host", "control_token")
"""The settings that `create_app` reads: the host decides whether the control API needs a token."""
WAIT_SETTINGS = ("host", "port", "tls", "ready_file")
"""The settings that ``fakekit wait`` reads when it is not given an address."""
