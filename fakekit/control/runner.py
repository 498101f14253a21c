"""Running the operations on the accounts of a server: the one way that HTTP and the handles of tests take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from fakekit.accounts.account import Account
from fakekit.accounts.registry import Accounts
from fakekit.accounts.transaction import transaction
from fakekit.api.event_stream import EVENT_STREAM
from fakekit.control.arguments import find_operation, read_arguments, split_arguments
from fakekit.control.controls import Controls
from fakekit.control.operations import Operation
from fakekit.control.server_controls import BaselineFor, ServerControls
from fakekit.errors import LISTED, FakekitError, Problem, without_secrets
from fakekit.server.intercepted_hosts import InterceptedHosts


class OperationRunner:
    """Runs the operations of the table on the accounts of one server.

    accounts: the open accounts of the server.
    baseline_for: takes the settings in an "open" call and returns what the new account starts from.
    intercepted: the server's sockets for the vendor's hosts.
    """

    def __init__(self, accounts: Accounts, baseline_for: BaselineFor, intercepted: InterceptedHosts) -> None:
        self._accounts, self._baseline_for, self._intercepted = accounts, baseline_for, intercepted

    def run(self, name: str, values: Mapping[str, object], account: Account | None = None) -> Any:
        """Run an operation for a caller in this process, and return its result.

        name: of the operation.
        values: its arguments by name, validated as those of a request are.
        account: the account of a handle; None takes the account of the argument ``key``.

        Raises the `FakekitError` that a client would get over HTTP.
        """
        try:
            operation = find_operation(name)
            given = values if account is None else {**values, "key": account.key}
            arguments = read_arguments(operation, split_arguments(operation, given))
            with self.target(operation, arguments, account) as target:
                return getattr(target, name)(**arguments)
        except FakekitError as error:
            raise for_handle(error) from None

    @contextmanager
    def target(
        self, operation: Operation, arguments: dict[str, Any], account: Account | None = None
    ) -> Iterator[Controls | ServerControls]:
        """Return a context manager that gives the object which has the operation as a method.

        Within the block its account is not closed to make room for another, and is as the store has it, if
        there is one; if the operation may change it (any method but GET), nobody else writes it meanwhile.

        arguments: of the operation; for one on an account, ``key`` is removed.
        account: its account; None opens that of the key, if it is not open yet.

        Raises `AccountsFullError` when there is no room for the account, and `StateError` when the store does
        not answer.
        """
        if hasattr(ServerControls, operation.name):
            self._accounts.refresh_unauthenticated()
            yield ServerControls(self._accounts, self._baseline_for, self._intercepted)
            return
        key = arguments.pop("key")
        context = self._accounts.in_use(key) if account is None else nullcontext(account)
        with context as used:
            used.refresh()
            with _lock_for(operation, arguments, used):
                yield Controls(used, self._accounts)


def _lock_for(
    operation: Operation, arguments: Mapping[str, object], account: Account
) -> AbstractContextManager[None]:
    """Return the context manager in which an operation on an account runs: that of a write or a read.

    One that waits for requests, or streams them, holds no lock.
    """
    if operation.method != "GET":
        return transaction(account)
    waits = "count" in arguments or operation.media == EVENT_STREAM
    return nullcontext() if waits else account.reading()


def for_caller(error: FakekitError) -> FakekitError:
    """Return the error of a failed operation as its caller gets it, over HTTP and in this process.

    Anything that looks like a credential is hidden, and at most `LISTED` problems are in it, then one that
    says how many more there are.
    """
    problems = [
        Problem(*(without_secrets(text) for text in (p.where, p.description, p.found, p.write, p.python)))
        for p in error.problems[:LISTED]
    ]
    remaining = len(error.problems) - LISTED
    more = [Problem("", f"... and {remaining:,} more")] if remaining > 0 else []
    return type(error)([*problems, *more], error.status)


def for_handle(error: FakekitError) -> FakekitError:
    """Return the error of a failed operation as a handle raises it: what to write instead is Python."""
    shown = for_caller(error)
    return type(error)([problem.in_python() for problem in shown.problems], error.status)
