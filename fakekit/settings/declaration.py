"""How a setting is declared: its type, its default, its help, and which parts of fakekit read it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from enum import IntEnum
from typing import Any, NamedTuple

from fakekit.contract.value_type import ValueType
from fakekit.errors import Problem, SettingsError, show
from fakekit.settings.environment import PREFIX


class Scope(IntEnum):
    """Which parts of fakekit read a setting; from `SERVE` on, each includes the readers of those above it."""

    TEST = 0
    """Only `fakekit.FakeServer` and the pytest plugin: what becomes of a test."""
    SERVE = 1
    """Only ``fakekit serve``."""
    APP = 2
    """Also `fakekit.create_app` under another server, which reads the environment."""
    FAKE = 3
    """Every fake, also that of a pytest run and of ``fakekit exec``."""
    ACCOUNT = 4
    """What an account starts from: a test or a control request may set it for one account.

    Accounts whose settings of this scope are equal share a world.
    """


class Setting(NamedTuple):
    """One option. Its flag, variable and key are derived from its name.

    name: ``max_accounts``; also the key in ``[tool.fakekit]``.
    value_type: reads the value, and says what a value must be.
    default: the value when it is set nowhere; a tuple for an option that may be given again.
    help: the text for ``--help`` and docs/settings.md, or a function that returns it.
    scope: which parts of fakekit read it; by default only ``fakekit serve``.
    for_wait: whether ``fakekit wait`` reads it too, when it is not given an address; off by default.
    main_flag: the flag that help and errors name, where that is not ``--`` and the name; both are accepted.
    secret: whether its value must not appear in errors; off by default.
    page: the page of the documentation that explains the option; empty for none.
    """

    name: str
    value_type: ValueType
    default: object
    help: str | Callable[[], str]
    scope: Scope = Scope.SERVE
    for_wait: bool = False
    main_flag: str = ""
    secret: bool = False
    page: str = ""

    @property
    def flags(self) -> tuple[str, ...]:
        """All names of the setting on the command line, the main one first: ``("--fault", "--faults")``."""
        return (*filter(None, [self.main_flag]), "--" + self.name.replace("_", "-"))

    @property
    def flag(self) -> str:
        """The name of the setting on the command line: ``--max-accounts``."""
        return self.flags[0]

    @property
    def variable(self) -> str:
        """The name of the setting in the environment: ``FAKEKIT_MAX_ACCOUNTS``."""
        return PREFIX + self.name.upper()

    @property
    def help_text(self) -> str:
        """The text for ``--help`` and docs/settings.md; it may take an import that few commands need."""
        return self.help if isinstance(self.help, str) else self.help()

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
        return self.value_type.convert(parsed, source)


def setting(value_type: ValueType, default: Any, help: str | Callable[[], str], **extra: Any) -> Any:  # noqa: A002
    """Declare a setting as a field of a dataclass.

    The parameters are those of `Setting`, which gets its name from the field.
    """
    metadata = {"value_type": value_type, "help": help, **extra}
    return field(default=default, repr=not extra.get("secret", False), metadata=metadata)
