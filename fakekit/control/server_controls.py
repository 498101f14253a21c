"""The control operations on a server and on accounts as a whole: list, open and close accounts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Unpack

from fakekit.accounts.account import Account
from fakekit.accounts.baseline import Baseline
from fakekit.accounts.clock import Clock
from fakekit.accounts.registry import Accounts
from fakekit.accounts.transaction import transaction
from fakekit.api.event_stream import EventStream
from fakekit.contract.assumptions import read_changes
from fakekit.contract.positions import TABLE
from fakekit.control.clocks import set_clock
from fakekit.control.controls import Controls
from fakekit.control.recorded_requests import FILTERS, STREAM_SINCE, list_requests, open_stream
from fakekit.control.results import AccountSummary, Done, InterceptPort, RequestFilters, UnauthenticatedList
from fakekit.control.values import ACCOUNT_KEY, BOOLEAN, JSON_OBJECT, account_field, takes
from fakekit.faults.settings import SettingField
from fakekit.server.intercepted_hosts import InterceptedHosts
from fakekit.settings.table import ACCOUNT_SETTINGS, BY_NAME

BaselineFor = Callable[[Mapping[str, object]], Baseline]
"""Takes the settings in a request, ``{"seed": 7}``, and returns what the new account starts from."""


class ServerControls:
    """The control operations on the server itself: open, list and close accounts.

    accounts: the open accounts of the server.
    baseline_for: returns what a new account starts from, from the settings in a request.
    intercepted: the sockets on which the vendor's hosts are served.
    journal: the recorded requests without a valid key.

    >>> from fakekit import FakeServer
    >>> FakeServer().do("open", key="fk_mine", seed=7)["seed"]  # calls ServerControls.open
    7
    """

    def __init__(self, accounts: Accounts, baseline_for: BaselineFor, intercepted: InterceptedHosts) -> None:
        self._accounts, self._baseline_for, self._intercepted = accounts, baseline_for, intercepted
        self.journal = accounts.unauthenticated

    def accounts(self) -> list[AccountSummary]:
        """Return a summary of each open account, as `about` does, the most recently used first."""
        return [self._describe_account(account) for account in reversed(self._accounts.list_open())]

    def _describe_account(self, account: Account) -> AccountSummary:
        """Return what `about` does of an account, without the half of somebody else's write."""
        with account.reading():
            return Controls(account, self._accounts).about()

    @takes(
        key=SettingField(ACCOUNT_KEY, note="its key; a new random one by default"),
        **{name: account_field(BY_NAME[name]) for name in ACCOUNT_SETTINGS},
        clock=SettingField(JSON_OBJECT, note="its clock, as in the body of `set_clock`"),
    )
    def open(
        self, key: str | None = None, clock: Mapping[str, object] | None = None, **values: Any
    ) -> AccountSummary:
        """Open a new account, the state of one API key, and return a summary of it, as `about` does.

        An account that is open under the key is deleted first, but only after all arguments were checked.

        key: the API key of the account; None for a new random one.
        clock: its clock settings, ``{"freeze": "now"}``; None for the real time.
        values: settings of its world, assumptions and faults that differ from the server's: ``seed=7``.

        Raises `AccountsFullError` when there is no room, and the error of an invalid value.
        """
        import secrets

        key = key or f"fk_{secrets.token_hex(8)}"
        if "assumptions" in values:
            values["assumptions"] = read_changes(TABLE, values["assumptions"], "assumptions")
        baseline = self._baseline_for(values) if values else self._accounts.baseline
        if clock is not None:
            set_clock(Clock(baseline.real), clock)  # raises before anything is forgotten
        account = self._accounts.open(key, baseline=baseline)
        controls = Controls(account, self._accounts)
        if clock is not None:
            with transaction(account):
                controls.set_clock(clock)
        return controls.about()

    @takes(**FILTERS)
    def strangers(self, **filters: Unpack[RequestFilters]) -> UnauthenticatedList:
        """Return the recorded requests without a valid key as JSON, and whether older ones were dropped.

        The name is that of the operation, which clients use.

        filters: see `RequestFilters`.
        """
        requests = list_requests(self._accounts.unauthenticated, **filters)
        return UnauthenticatedList(**requests, last_number=self._accounts.last_number())

    def forget_unauthenticated(self) -> Done:
        """Delete the recorded requests without a valid key."""
        self._accounts.unauthenticated.clear()
        return Done(done=True)

    @takes(since=STREAM_SINCE)
    def stream_unauthenticated(self, since: int = 0) -> EventStream:
        """Return the recorded requests without a valid key as a stream of server-sent events.

        since: the number of a request, whose successors are streamed; by default all are.
        """
        return open_stream(self._accounts.unauthenticated, since, self._accounts.last_number())

    @takes(alias=SettingField(ACCOUNT_KEY, required=True, note="the other key"))
    def alias(self, key: str, alias: str) -> Done:
        """Make the key `alias` stand for this account: requests with it use this account, not its own.

        key: of the account; one that is an alias itself gives that account another.

        Raises `AccountsFullError` when the server has too many aliases.
        """
        self._accounts.set_alias(alias, self._accounts.open(key).key)
        return Done(done=True)

    def end_alias(self, key: str) -> Done:
        """End an alias: requests with this key use its own account again, not that of another key.

        Returns ``{"done": True}``, also if the key was no alias.
        """
        self._accounts.set_alias(key, None)
        return Done(done=True)

    @takes(
        strict=SettingField(
            BOOLEAN, note="whether the client's own key counts; by default every key is replaced"
        )
    )
    def intercept(self, key: str, strict: bool = False) -> InterceptPort:
        """Serve the vendor's hosts for an account on a port of 127.0.0.1, until `end_intercept` or `close`.

        By TLS, with a certificate of a new authority, or without. An earlier port of the account is closed.
        For the pytest mark ``intercept``: see `fakekit.intercept.redirect`.

        key: of the account. strict: see `fakekit.server.intercepted_hosts.InterceptedHosts.open`.

        Raises `ControlError` where another server than fakekit's serves the app, and `AccountsFullError` when
        too many accounts are intercepted.
        """
        port, certificate = self._intercepted.open(key, strict)
        return InterceptPort(port=port, certificate=certificate.decode("ascii"))

    def end_intercept(self, key: str) -> Done:
        """Close the port of `intercept`, with the connections on it; nothing happens when there is none."""
        self._intercepted.close(key)
        return Done(done=True)

    def close(self, key: str) -> Done:
        """Delete the account of a key and its recorded requests, and close the port of `intercept`.

        An account that is held by a handle in this process stays open; it is reset, and its recorded requests
        are deleted. Nothing happens if there is neither an account nor a port.
        """
        owner = self._accounts.resolve(key)
        for each in {key, owner}:  # two where the key is an alias
            self._intercepted.close(each)
        account = self._accounts.find_used(owner)
        if account is not None and account.is_permanent:
            with transaction(account):
                account.reset()
                account.before_reset = None
                account.journal.clear()
        else:
            self._accounts.close(owner)
        return Done(done=True)
