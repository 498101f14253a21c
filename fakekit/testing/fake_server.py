"""A fake on a socket, in a thread of this process: for unittest, notebooks, scripts and the fixture."""

from __future__ import annotations

from threading import Lock
from types import TracebackType
from typing import Any

from fakekit.accounts.account import Account
from fakekit.accounts.from_settings import Baselines
from fakekit.accounts.registry import Accounts
from fakekit.api.authentication import DEMO_KEY, check_key
from fakekit.app import create_app
from fakekit.control.controls import Controls
from fakekit.control.server_controls import ServerControls
from fakekit.server.listening import bind, origin_of
from fakekit.server.thread import ThreadServer
from fakekit.settings import Settings
from fakekit.testing.handle import Handle
from fakekit.world.names import load_names


class LocalControl:
    """Calls the control operations of an account in this process by their name."""

    def __init__(self, account: Account, accounts: Accounts) -> None:
        self._account, self._controls = account, Controls(account, accounts)

    def __call__(self, operation: str, /, **values: Any) -> Any:
        """Do an operation of `fakekit.control.operations`; RuntimeError once the account is closed."""
        if self._account.closed:
            raise RuntimeError("this account is closed: its server was stopped, or its test has ended")
        return getattr(self._controls, operation)(**values)


class FakeServer:
    """A running fake in this process. As a context manager it gives the handle of ``fk_demo``.

    >>> import fakekit, requests
    >>> with fakekit.FakeServer(seed=1) as xtrakit:
    ...     requests.get(xtrakit.url("customers/1"), headers=xtrakit.headers, timeout=5).status_code
    200

    control_token: what a control request has to carry; empty on loopback.
    settings: keyword arguments, named like the fields of `fakekit.Settings`, or one `fakekit.Settings`. The
        port is a free one unless a keyword or the Settings names another (`Settings.of` means 4310 where it
        is given none). Neither the environment nor ``pyproject.toml`` is read.

    Raises `fakekit.SettingsError`, `fakekit.FixtureError` when it is made, `fakekit.errors.AddressError`
    when it is started. Two servers in one process share nothing.
    """

    def __init__(self, settings: Settings | None = None, /, **values: Any) -> None:
        self.settings = (settings or Settings.of(port=0)).with_(**values)
        self._app = create_app(self.settings)
        self._accounts: Accounts = self._app.extensions["fakekit"].accounts
        self._baselines: Baselines = self._app.extensions["fakekit-baselines"]
        self.control_token: str = self._app.extensions["fakekit-token"]
        self._running: ThreadServer | None = None
        self._lock = Lock()

    def start(self) -> Handle:
        """Start to serve, and return the handle of ``fk_demo``. A server that runs goes on as it is.

        Raises `fakekit.errors.AddressError` when the address is in use or cannot be bound.
        """
        with self._lock:
            if self._running is None:
                load_names()  # by this thread: one that answers would do it beside a test's own imports
                listener = bind(self.settings.host, self.settings.port)
                self._running = ThreadServer(self._app, listener)
                self._running.start()
        return self.account(DEMO_KEY)

    def stop(self) -> None:
        """Close every connection, end every thread and forget what the accounts changed.

        Nothing happens to a server that does not run. It can be started again, by default on another port.
        """
        with self._lock:
            if self._running is not None:
                self._running.stop()
                self._running = None
                self._accounts.close_all()

    def account(self, api_key: str, settings: Settings | None = None) -> Handle:
        """Return the handle of a key, opening its account if it is not open.

        settings: for a world, assumptions and faults of its own; an account that is open is forgotten then.

        Raises `fakekit.SettingsError` for what is not a key, RuntimeError when the server does not run.
        """
        running = self._running
        if running is None:
            raise RuntimeError("this FakeServer does not run: call start(), or use it in a with block")
        check_key(api_key)
        baseline = self._baselines.for_settings(settings) if settings is not None else None
        account = self._accounts.open(api_key, is_permanent=True, baseline=baseline)
        return Handle(origin_of(running.listener), account.key, LocalControl(account, self._accounts))

    def alias(self, alias: str, api_key: str | None) -> None:
        """Let requests with the key `alias` reach the account of `api_key`; None ends that."""
        self._accounts.set_alias(alias, api_key)

    def do(self, operation: str, /, **values: Any) -> Any:
        """Do an operation of `fakekit.control.operations` that concerns the server, and return its result.

        Raises `fakekit.errors.FakekitError`.
        """
        return getattr(ServerControls(self._accounts, self._baselines.for_account), operation)(**values)

    def close_account(self, api_key: str) -> None:
        """Forget a key's account and all it changed. A handle of it then raises RuntimeError."""
        self._accounts.close(api_key)

    def __enter__(self) -> Handle:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()
