"""The declarations of all settings, from which the command line, the variables and docs/settings.md are made.

A setting can be set in several places; the first of these wins: the command line (or a keyword argument),
the ``FAKEKIT_...`` variable, the key of ``[tool.fakekit]`` in the nearest ``pyproject.toml``, the default.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

from fakekit.contract import INVOICE_PREFIX, LARGEST_POPULATION, LARGEST_SALES
from fakekit.contract.assumptions import SetValue
from fakekit.contract.positions import TABLE as POSITIONS
from fakekit.contract.value_type import choice, whole_number
from fakekit.import_lock import IMPORT_LOCK
from fakekit.settings.declaration import Scope, Setting, setting
from fakekit.settings.value_types import (
    ASSUMPTIONS,
    FAULTS,
    FLAG,
    HOST,
    PATH,
    PATHS,
    SHORT_TEXT,
    STATE,
    TOKEN,
    WORLD,
)

if TYPE_CHECKING:
    from fakekit.settings.state_location import StateLocation
    from fakekit.world.random_values import PhoneKind

DEFAULT_PORT = 4310
DEFAULT_CUSTOMERS = 50


def _describe_faults() -> str:
    """Return the help of the setting ``faults``, which lists the kinds; imports marshmallow, 50 ms."""
    with IMPORT_LOCK:
        from fakekit.faults.registry import KINDS

    return (
        "A fault for the requests of every key: fail=503,times=2, or slow=2s,path=customers/*. May be "
        f"given again. The kinds are {', '.join(KINDS)}."
    )


@dataclass(frozen=True, init=False, repr=False, eq=False)  # `Settings` has these methods
class SettingValues:
    """The value of every setting; each field declares a setting. The base of `fakekit.Settings`."""

    seed: int = setting(
        whole_number(-(2**63), 2**63 - 1),
        1,
        "The seed of the generated records: the same seed always gives the same customers.",
        scope=Scope.ACCOUNT,
    )
    customers: int | None = setting(
        whole_number(0, LARGEST_POPULATION),
        None,
        "How many customers are generated, with ids 1 to N; 0 leaves only those of fixture files. Overrides "
        f"the population that a file sets; {DEFAULT_CUSTOMERS} when neither is set.",
        scope=Scope.ACCOUNT,
    )
    sales: int | None = setting(
        whole_number(0, LARGEST_SALES),
        None,
        "How many sales are generated; by default two for each customer but the first.",
        scope=Scope.ACCOUNT,
        page="world",
    )
    items: int | None = setting(
        whole_number(0, LARGEST_POPULATION),
        None,
        "How many items are generated; by default 24, or none in a world without customers.",
        scope=Scope.ACCOUNT,
        page="world",
    )
    expenses: int | None = setting(
        whole_number(0, LARGEST_POPULATION),
        None,
        "How many expenses are generated; by default 30, or none in a world without customers.",
        scope=Scope.ACCOUNT,
        page="world",
    )
    phones: PhoneKind = setting(
        choice("unassigned", "valid"),
        "unassigned",
        "The phone numbers of generated customers: unassigned ones ring nowhere, but libphonenumber refuses "
        "most of them; it accepts valid ones, but those in Ghana may belong to somebody.",
        scope=Scope.ACCOUNT,
        page="world",
    )
    world: str | None = setting(
        WORLD,
        None,
        "The world version that the project relies on, as /_fakekit/health and the header of a pytest run "
        "show it. If another one is installed, nothing is served, and the error says what changed.",
        scope=Scope.FAKE,
        page="world",
    )
    fixtures: tuple[Path, ...] = setting(
        PATHS,
        (),
        "A fixture file, or a folder of them: records that are added to the generated world or replace "
        "generated ones. May be given again; the later file wins.",
        scope=Scope.ACCOUNT,
    )
    invoice_prefix: str = setting(
        SHORT_TEXT,
        INVOICE_PREFIX,
        "What the invoice numbers of the account begin with, as set on the vendor's dashboard. Generated "
        "sales have it, and a new number that is sent without it gets it. The sale of the vendor's pages "
        "and those of files keep theirs. May be empty.",
        scope=Scope.ACCOUNT,
        page="fidelity",
    )
    strict: bool = setting(
        FLAG,
        False,
        "Reject fixture records and requests whose values have an unusual form (an e-mail address without "
        "@) instead of warning, and check every answer against its schema.",
        scope=Scope.ACCOUNT,
    )
    assumptions: tuple[tuple[str, SetValue], ...] = setting(
        ASSUMPTIONS,
        (),
        "Set the value of an assumption, where you know what the real service does: missing.status=400. "
        "May be given again. "
        f"Those with a value are {', '.join(a.name for a in POSITIONS if a.value is not None)}.",
        scope=Scope.ACCOUNT,
        page="fidelity",
    )
    max_accounts: int = setting(
        whole_number(1, 1_000_000),
        10_000,
        "How many accounts, one for each key, are kept at once. A further one replaces the least recently "
        "used account without changes.",
        scope=Scope.FAKE,
    )
    faults: tuple[str, ...] = setting(
        FAULTS, (), _describe_faults, scope=Scope.ACCOUNT, page="faults", main_flag="--fault"
    )
    host: str = setting(HOST, "127.0.0.1", "The address to listen on.", scope=Scope.APP, for_wait=True)
    port: int = setting(
        whole_number(0, 65535), DEFAULT_PORT, "The port to listen on; 0 takes a free one.", for_wait=True
    )
    server: str | None = setting(
        choice("gunicorn", "alone", renamed={"waitress": "alone"}),
        None,
        "Who runs the server: gunicorn, as a process of its own, where it is installed; else fakekit alone.",
    )
    state: StateLocation | None = setting(
        STATE,
        None,
        "Where the accounts are stored: memory, if nothing is set; a file (SQLite), which outlives the "
        "process; or a PostgreSQL database, which several machines share. A password in the URL is shown "
        "nowhere; set such a URL as FAKEKIT_STATE.",
        scope=Scope.APP,
        page="state",
    )
    workers: int = setting(
        whole_number(1, 64),
        1,
        "How many processes serve. More than one needs gunicorn, and a store that they share (--state).",
        page="scale",
    )
    control_token: str | None = setting(
        TOKEN,
        None,
        "The token that the control API requires when the server is not bound to loopback; if none is set, a "
        "random one is made and printed. Set it as FAKEKIT_CONTROL_TOKEN: other users of the machine can "
        "read command lines.",
        scope=Scope.APP,
        secret=True,
    )
    log_own: bool = setting(
        FLAG,
        False,
        "Also log requests to fakekit's own paths, such as /_fakekit/health and those of the control API.",
        scope=Scope.APP,
    )
    tls: bool = setting(
        FLAG,
        False,
        "Serve HTTPS, with a certificate that is made for this run; how to trust it is printed.",
        for_wait=True,
    )
    ready_file: Path | None = setting(
        PATH,
        None,
        "Write a JSON object (url, base_url, port, pid) to this file once the server answers requests.",
        for_wait=True,
    )
    log_format: str = setting(
        choice("text", "json"),
        "text",
        "The form of the log on stderr: a line of text for each request, or a JSON object.",
        scope=Scope.APP,
        page="start",
    )
    unread: str | None = setting(
        choice("note", "warn", "fail"),
        None,
        "What happens when a request has parameters or fields that its endpoint does not read. note: the "
        "header Fakekit-Note names them. warn: so does a line at the end of the run. fail: the test fails. "
        "By default warn in pytest, note in a FakeServer.",
        scope=Scope.TEST,
        page="pytest",
    )
    unused: str | None = setting(
        choice("note", "warn", "fail"),
        None,
        "What happens when a fault or stub that a test added was not used, or not as often as its times. "
        "note: only the account's summary has it. warn: so does a line at the end of the run. fail: the test "
        "fails. By default warn in pytest, note in a FakeServer.",
        scope=Scope.TEST,
        page="pytest",
    )
    exit_with_parent: bool = setting(FLAG, False, "Stop when the process that started the server ends.")


TABLE = tuple(Setting(field.name, default=field.default, **field.metadata) for field in fields(SettingValues))
BY_NAME = {setting.name: setting for setting in TABLE}
ACCOUNT_SETTINGS = tuple(setting.name for setting in TABLE if setting.scope >= Scope.ACCOUNT)
"""The settings that decide what an account starts from; accounts in which all are equal share a world."""
FAKE_SETTINGS = tuple(setting.name for setting in TABLE if setting.scope >= Scope.FAKE)
"""The settings of what a fake serves, for ``fakekit exec`` and the pytest plugin."""
CHECK_SETTINGS = tuple(setting.name for setting in TABLE if setting.scope == Scope.TEST)
"""The settings that say what becomes of a test."""
INI_SETTINGS = (*CHECK_SETTINGS, "world", "state")
"""The settings for which pytest has an ini value, too: ``fakekit_unread``."""
TEST_SETTINGS = (*FAKE_SETTINGS, *CHECK_SETTINGS)
"""The settings of a fake for tests: of the pytest plugin and its mark."""
SERVE_SETTINGS = tuple(setting.name for setting in TABLE if setting.scope >= Scope.SERVE)
"""The settings of ``fakekit serve``."""
APP_SETTINGS = tuple(setting.name for setting in TABLE if setting.scope >= Scope.APP)
"""The settings that `create_app` reads: the host decides whether the control API needs a token."""
SIZES = ("customers", "sales", "items", "expenses")
"""The settings that say how many records are generated, each named like its resource."""
WAIT_SETTINGS = tuple(setting.name for setting in TABLE if setting.for_wait)
"""The settings that ``fakekit wait`` reads when it is not given an address."""
