"""A server of two workers that share a store."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from tests.helpers.postgresql import Postgresql
from tests.helpers.processes import Server, drain, serving
from tests.helpers.workers import WorkerClient, client_of_each


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Two workers on one store, for the tests of a module that kill none of them."""
    folder, location = tmp_path_factory.mktemp("shared"), "state.db"
    if request.param == "postgresql":
        server: Postgresql = request.getfixturevalue("database_server")
        location = server.new_database()
    with serving(folder, "--state", location, "--workers", "2") as running:
        drain(running)
        yield running


@pytest.fixture
def clients(shared: Server) -> Iterator[list[WorkerClient]]:
    """A connection to each worker, by a key that nobody used before."""
    with client_of_each(shared, f"fk_{uuid.uuid4().hex}") as found:
        yield found
