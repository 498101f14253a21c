"""What an account starts from: the world as it is before anybody changes it, and the rules in force."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from fakekit.accounts.clock import real_time
from fakekit.contract.assumptions import Assumptions
from fakekit.world.world import World

if TYPE_CHECKING:
    from fakekit.faults.fault import Fault


@dataclass(frozen=True, eq=False)
class Baseline:
    """Shared by all accounts that were not given one of their own.

    world: what there is.
    assumptions: the values in force.
    strict: whether rules of form refuse a request, and every answer is held against the contract.
    faults: what each account has from the start.
    real: what time it is, with a zone.
    """

    world: World
    assumptions: Assumptions
    strict: bool = False
    faults: tuple[Fault, ...] = ()
    real: Callable[[], datetime] = field(default=real_time)

    @property
    def tenant(self) -> bool:
        """Whether answers have `user_id` and `business_code`."""
        return bool(self.assumptions["payload.tenant_fields"])
