"""What an account starts from: the world before any change, assumptions, default faults."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from fakekit.contract.assumptions import Assumptions
from fakekit.contract.endpoint import Endpoint
from fakekit.resources import ENDPOINTS
from fakekit.unpatched import utc_now
from fakekit.world.world import World

if TYPE_CHECKING:
    from fakekit.faults.fault import Fault


@dataclass(frozen=True, eq=False)
class Baseline:
    """What an account starts from. All accounts share one, unless a test asked for other settings.

    world: the records before any change.
    assumptions: the value of each: the table's, except where a setting changed it.
    strict: whether a rule of form (one that no page of the vendor states) rejects a request, and every
        response is checked against the contract; off by default.
    faults: the faults that each account has from the start; none by default.
    settings: JSON of the settings in which it differs from the server's, as it is stored with the account
        that was opened with them; empty for the server's own.
    real: returns the present time, with a zone; by default the real time.
    """

    world: World
    assumptions: Assumptions
    strict: bool = False
    faults: tuple[Fault, ...] = ()
    settings: str = ""
    real: Callable[[], datetime] = field(default=utc_now)

    @cached_property
    def endpoints(self) -> Mapping[str, Endpoint]:
        """The endpoints under these assumptions, by operation; without those that are switched off."""
        endpoints = [endpoint.under(self.assumptions) for endpoint in ENDPOINTS]
        return {endpoint.operation: endpoint for endpoint in endpoints if endpoint is not None}

    @cached_property
    def has_tenant_fields(self) -> bool:
        """Whether responses include `user_id` and `business_code`: the value of ``payload.tenant_fields``."""
        return bool(self.assumptions["payload.tenant_fields"])
