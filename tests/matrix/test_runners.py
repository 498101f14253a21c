"""Plugins that change how tests are run: xdist, asyncio, anyio, randomly, rerunfailures, timeout, cov, mock."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import anyio.to_thread
import pytest

from fakekit import Handle

ATTEMPTS: dict[str, list[str]] = {}


def test_plain(xtrakit: Handle, operate: Callable[[Handle], None]) -> None:
    operate(xtrakit)


@pytest.mark.timeout(60)
def test_timeout(xtrakit: Handle, operate: Callable[[Handle], None]) -> None:
    operate(xtrakit)


@pytest.mark.asyncio
async def test_asyncio(xtrakit: Handle, operate: Callable[[Handle], None]) -> None:
    await asyncio.sleep(0)
    operate(xtrakit)


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_anyio(anyio_backend: str, xtrakit: Handle, operate: Callable[[Handle], None]) -> None:
    await anyio.to_thread.run_sync(operate, xtrakit)


@pytest.mark.flaky(reruns=1)
def test_rerunfailures(
    request: pytest.FixtureRequest, xtrakit: Handle, operate: Callable[[Handle], None]
) -> None:
    operate(xtrakit)
    keys = ATTEMPTS.setdefault(request.node.nodeid, [])
    keys.append(xtrakit.api_key)
    assert len(set(keys)) == 2, "the first attempt fails on purpose"


@pytest.mark.parametrize("name", ["time.time", "time.monotonic", "json.dumps", "subprocess.Popen"])
def test_mock(mocker: Any, xtrakit: Handle, operate: Callable[[Handle], None], name: str) -> None:
    mocker.patch(name, side_effect=RuntimeError("replaced"))
    operate(xtrakit)
