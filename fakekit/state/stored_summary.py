"""What `fakekit state list` prints of an account."""

from __future__ import annotations

from typing import NamedTuple

from fakekit.accounts.state_store import AccountRow


class StoredSummary(NamedTuple):
    """What ``fakekit state list`` prints of an account.

    row: as it is stored.
    records: how many records it has changed.
    faults: how many faults and stubs it has.
    requests: how many entries its journal has.
    size: about how many bytes it takes.
    last_request: when its last request came, in seconds since 1970; None without any.
    """

    row: AccountRow
    records: int
    faults: int
    requests: int
    size: int
    last_request: float | None
