"""Which requests the event loop answers itself, because others may wait for them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING

from fakekit.accounts.account_state import has_loaded_faults
from fakekit.api.body import SIZE
from fakekit.vendor import API_ROOT, BASE_PATHS
from fakekit.world.names import has_loaded_names

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from fakekit.accounts.account_state import AccountState
    from fakekit.contract.endpoint import Endpoint

READING_METHODS = ("GET", "HEAD", "OPTIONS")
"""The methods by which the vendor's API is read."""


class QuickRequests:
    """Knows which requests the event loop answers itself: those that take no longer than a fetch.

    All others go to a thread: lists, writes, and what may have to import something first.

    endpoints: the table of the vendor's API.
    paths: of fakekit's own, whose responses take no time.
    with_callbacks: the accounts in which a function of a test may answer, which can take any time.
    is_store_quick: whether accounts are in memory, or in a store that answers in microseconds.
    is_free: for accounts in a store, returns whether the request with a value of the header Authorization
        has to wait for nobody; None for accounts in memory.
    """

    def __init__(
        self,
        endpoints: Iterable[Endpoint],
        paths: Iterable[str],
        with_callbacks: Collection[AccountState],
        is_store_quick: bool = True,
        is_free: Callable[[str], bool] | None = None,
    ) -> None:
        self._paths, self._with_callbacks = frozenset(paths), with_callbacks
        self._is_store_quick, self._is_free = is_store_quick, is_free
        self._list_paths = frozenset(
            f"{p}/{e.route}" for e in endpoints if not e.parameter for p in BASE_PATHS
        )

    def has(self, environ: WSGIEnvironment) -> bool:
        """Return whether the event loop may answer a request itself, as it takes no longer than a fetch.

        False for a list, for a request with a body, which stubs and the journal parse, and where something
        may have to be imported first: the faults of a key, or the names of generated records. With a slow
        store, only what asks for no account is quick.

        environ: the WSGI environment of the request, with `SIZE`.
        """
        path = environ["PATH_INFO"]
        if path in self._paths:
            return True
        return (
            self._is_store_quick
            and path.startswith(API_ROOT)
            and environ["REQUEST_METHOD"] in READING_METHODS
            and path not in self._list_paths
            and not environ[SIZE]
            and not len(self._with_callbacks)
            and (has_loaded_faults() or "~" not in environ.get("HTTP_AUTHORIZATION", ""))
            and has_loaded_names()
            and (self._is_free is None or self._is_free(environ.get("HTTP_AUTHORIZATION", "")))
        )


def may_write(environ: WSGIEnvironment) -> bool:
    """Return whether a request may write records: it is for the vendor's API, by a method that writes."""
    return environ["PATH_INFO"].startswith(API_ROOT) and environ["REQUEST_METHOD"] not in READING_METHODS
