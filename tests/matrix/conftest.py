"""A suite of somebody's that uses other plugins: each operation of the handle works beside each of them.

`make matrix` runs it: a file for each set of plugins, once with the server in a thread and once in a process.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from operations import OPERATIONS

from fakekit import Handle


@pytest.fixture(params=list(OPERATIONS))
def operate(request: pytest.FixtureRequest) -> Callable[[Handle], None]:
    """One operation, as a function of the handle."""
    name: str = request.param
    return OPERATIONS[name]
