"""The port of a server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.helpers.http_syntax import thread_port
from tests.helpers.processes import serving


@pytest.fixture(scope="module", params=[pytest.param("process", marks=pytest.mark.slow), "thread"])
def port(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The same server in a process, under gunicorn, and in a thread."""
    if request.param == "process":
        with serving(tmp_path_factory.mktemp("http")) as running:
            yield running.port
    else:
        with thread_port() as number:
            yield number
