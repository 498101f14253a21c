"""Every option, once. The command line, the environment, ``[tool.fakekit]`` and the docs read this table.

What wins, first to last: the command line (or a keyword argument), the ``FAKEKIT_...`` variable, the
key of ``[tool.fakekit]`` in the nearest ``pyproject.toml``, the default.
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
    """One option. Its flag, variable and key follow from its name.

    value_type: its type.
    help: for ``--help`` and the documentation.
    serve_only: whether it only concerns ``fakekit serve`` and not the app.
    other_flag: another spelling of its flag; empty for none.
    secret: whether its value must not appear in errors.
    page: the page of the documentation that says more than `help`; empty for none.
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
        """The setting's name on the command line: ``--max-accounts``."""
        return "--" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        """The setting's name in the environment: ``FAKEKIT_MAX_ACCOUNTS``."""
        return PREFIX + self.name.upper()

    def read(self, value: Any, source: str) -> Any:
        """Return a value as the setting's type.

        source: where it was set, for the error.

        Raises `SettingsError` that names the source.
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
    """Raise `SettingsError` for a fault that cannot be read."""
    with IMPORT_LOCK:
        from fakekit.faults.registry import read_fault  # marshmallow takes a while, and few give any

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
        "The world to serve: the same seed always gives the same customers.",
    ),
    Setting(
        "customers",
        whole_number(0, LARGEST_POPULATION),
        None,
        "How many customers the seed gives, ids 1 to N; 0 leaves only the fixture files. Wins over a "
        f"file's own population; {DEFAULT_CUSTOMERS} when neither says.",
    ),
    Setting(
        "fixtures",
        PATHS,
        (),
        "A fixture file, or a folder of them, laid over the generated world. May be given again; the "
        "later file wins.",
    ),
    Setting(
        "strict",
        FLAG,
        False,
        "Refuse fixture records and requests that break a rule of form (an e-mail address that does not "
        "look like one) instead of warning, and hold every answer against the contract.",
    ),
    Setting(
        "assumptions",
        PAIRS,
        (),
        "Set the value of an assumption, where you know better: missing.status=400. May be given again. "
        f"Those with a value are {', '.join(a.name for a in POSITIONS if a.value is not None)}.",
        page="fidelity",
    ),
    Setting(
        "max_accounts",
        whole_number(1, 1_000_000),
        10_000,
        "How many keys may have an account open at once; the least recently used unchanged one makes room.",
    ),
    Setting(
        "faults",
        FAULTS,
        (),
        "A fault that every key has from the start: fail=503,times=2, or slow=2s,path=customers/*. May be "
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
        choice("gunicorn", "waitress"),
        None,
        "What serves underneath. gunicorn, which is faster, where it runs; else waitress.",
        serve_only=True,
    ),
    Setting(
        "changes",
        PATH,
        None,
        "Keep what fk_demo changes in this fixture file, and begin with what is in it.",
        serve_only=True,
    ),
    Setting(
        "control_token",
        TEXT,
        None,
        "What the control API asks for when the server is not bound to loopback; made up and printed if not "
        "given. Give it as FAKEKIT_CONTROL_TOKEN: other users of a machine see command lines.",
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
        "Write a JSON object (url, base_url, port, pid) here once requests are answered.",
        serve_only=True,
    ),
    Setting(
        "exit_with_parent",
        FLAG,
        False,
        "End when the process that started the server ends.",
        serve_only=True,
    ),
)
BY_NAME = {setting.name: setting for setting in TABLE}
WORLD_SETTINGS = tuple(setting.name for setting in TABLE if not setting.serve_only)
"""The settings that say what a fake serves, wherever it runs."""
APP_SETTINGS = (*WORLD_SETTINGS, "host", "control_token")
"""The settings that `create_app` reads: the host decides whether the control API needs a token."""
WAIT_SETTINGS = ("host", "port", "tls", "ready_file")
"""The settings that ``fakekit wait`` reads when it is not given an address."""
