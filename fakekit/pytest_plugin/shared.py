"""Accounts that tests share, for fixtures of a wider scope than function: the fixture ``xtrakit_server``."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, ExitStack
from typing import TYPE_CHECKING

import pytest

from fakekit.documentation import page

if TYPE_CHECKING:
    from fakekit import Handle

SESSION_ACCOUNT = "session"
"""Name of the account that the variables of ``fakekit_env`` lead to while a wider fixture is set up."""

_SCOPE_MISMATCH = re.compile(r"ScopeMismatch: .* scoped fixture (xtrakit|fakekit_settings) with a (\w+)")


class SharedServer:
    """The fake of a run, with accounts by name that tests share: the value of the fixture `xtrakit_server`.

    open_account: returns the handle of an account by its name; opens the account at its first use.
    """

    def __init__(self, open_account: Callable[[str], Handle]) -> None:
        self._open_account = open_account

    def account(self, name: str = "shared") -> Handle:
        """Return a handle of the account of this name, which lasts until the end of the run.

        Every call with a name returns the same handle, in every test and fixture of this process. The tests
        share its records; `Handle.reset` takes back what they changed. Raises `fakekit.FakekitError` for
        wrong settings or a server that does not answer, and `fakekit.SettingsError` for a malformed name.

        name: at most 50 letters, digits, ``_`` and ``-``.
        """
        return self._open_account(name)


def explain_scope_error(error: BaseException | None) -> None:
    """Add what to use instead to pytest's ScopeMismatch about a fixture of ours; change no other error.

    error: what a test's setup raised; None for nothing. Its message is changed in place.
    """
    message = getattr(error, "msg", None)
    found = _SCOPE_MISMATCH.search(message) if isinstance(message, str) else None
    if found is None:
        return
    name, scope = found.groups()
    if name == "fakekit_settings":
        hint = 'fakekit_settings was overridden; give the override scope="session".'
    else:
        hint = (
            f"xtrakit is new for every test, so a {scope}-scoped fixture cannot have it. Use the "
            'session-scoped fixture xtrakit_server: xtrakit_server.account("shared") is a handle that tests '
            "share. Code that only needs an address and a key before its tests run can have them from "
            "fakekit_env."
        )
    error.msg = f"{message}\n\nfakekit: {hint} See {page('pytest')}#wider-scopes"  # type: ignore[union-attr]


class WiderFixtures:
    """A pytest plugin of runs with ``fakekit_env``: what wider fixtures request is no test's.

    Registered only in such runs. A fixture of a wider scope is set up during the first test that needs it.
    Without this, what it adds would be in the account of that test, and in that of no other.

    enter_account: makes the variables lead to the account `SESSION_ACCOUNT` during a block.
    """

    def __init__(self, enter_account: Callable[[], AbstractContextManager[None]]) -> None:
        self._enter_account = enter_account

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[object]) -> Generator[None, object, object]:
        """Let the variables lead to the session's account while a wider fixture is set up or torn down."""
        if fixturedef.scope == "function":
            return (yield)
        # Finalizers run in reverse order, so that the fixture's own teardown is between these two.
        teardown = ExitStack()
        fixturedef.addfinalizer(teardown.close)
        with self._enter_account():
            value = yield
        fixturedef.addfinalizer(lambda: teardown.enter_context(self._enter_account()))
        return value
