"""What clients make of faults: each comes to an end, and to the one its users would see from a server that fails so."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from tests.helpers.processes import Server
from tests.helpers.project import ROOT

WHOLE = "200 1007 application/json"
"""Of customer 1: the status, the length of the body, its type."""
NO_DATA = "200 45 application/json"

WAITS, GIVES_UP = 20.0, 2.0
"""Seconds after which a client gives up: where the end comes before that, and where it would come much later."""

FAULTS = {
    "reset": WAITS,
    "close": WAITS,
    "truncate": WAITS,
    "truncate=0": WAITS,
    "garbage": WAITS,
    "trickle=100ms": WAITS,
    "slow=100ms": WAITS,
    "slow=60s": GIVES_UP,
    "trickle=60s": GIVES_UP,
    "content-type=text/html": WAITS,
    "drop=data": WAITS,
    "fail=429": WAITS,
    "fail=503,retry_after=7": WAITS,
    "fail=503~truncate": WAITS,
}
"""Each fault, and after how many seconds the client gives up."""

SAME = {
    "trickle=100ms": WHOLE,
    "slow=100ms": WHOLE,
    "content-type=text/html": "200 1007 text/html",
    "drop=data": NO_DATA,
    "fail=429": "429 46 application/json retry after 1",
    "fail=503,retry_after=7": "503 48 application/json retry after 7",
}
OUTCOMES = {
    "requests": SAME
    | {
        "reset": "ConnectionError",
        "close": "ConnectionError",
        "garbage": "ConnectionError",
        "truncate": "ChunkedEncodingError",
        "truncate=0": "ChunkedEncodingError",
        "fail=503~truncate": "ChunkedEncodingError",
        "slow=60s": "ReadTimeout",
        "trickle=60s": "ConnectionError",  # requests' word for a timeout within a body
    },
    "httpx": SAME
    | {
        "reset": "ReadError",
        "close": "RemoteProtocolError",
        "garbage": "RemoteProtocolError",
        "truncate": "RemoteProtocolError",
        "truncate=0": "RemoteProtocolError",
        "fail=503~truncate": "RemoteProtocolError",
        "slow=60s": "ReadTimeout",
        "trickle=60s": "ReadTimeout",
    },
    "curl": SAME
    | {
        "reset": "exit 56",
        "close": "exit 52",
        "garbage": "exit 1",
        "truncate": "exit 18",
        "truncate=0": "exit 18",
        "fail=503~truncate": "exit 18",
        "slow=60s": "exit 28",
        "trickle=60s": "exit 28",
    },
    "node": SAME
    | {
        "reset": "ECONNRESET",
        "close": "UND_ERR_SOCKET",
        "garbage": "HPE_INVALID_CONSTANT",
        "truncate": "UND_ERR_RES_CONTENT_LENGTH_MISMATCH",
        "truncate=0": "UND_ERR_RES_CONTENT_LENGTH_MISMATCH",
        "fail=503~truncate": "UND_ERR_RES_CONTENT_LENGTH_MISMATCH",
        "slow=60s": "TimeoutError",
        "trickle=60s": "TimeoutError",
    },
}

_numbers = itertools.count(1)

Asked = list[tuple[str, float]]
"""Keys, and after how many seconds the client gives up."""


def told(status: int, body: bytes, media: str, wait: str) -> str:
    return f"{status} {len(body)} {media}{f' retry after {wait}' if wait else ''}"


def told_of(answer: requests.Response | httpx.Response) -> str:
    kind, wait = answer.headers["Content-Type"], answer.headers.get("Retry-After", "")
    return told(answer.status_code, answer.content, kind, wait)


def by_requests(url: str, asked: Asked) -> list[str]:
    def one(each: tuple[str, float]) -> str:
        key, timeout = each
        try:
            with requests.get(url, headers={"Authorization": f"Bearer {key}"}, timeout=timeout) as answer:
                return told_of(answer)
        except requests.RequestException as error:
            return type(error).__name__

    with ThreadPoolExecutor(len(asked)) as pool:
        return list(pool.map(one, asked))


def by_httpx(url: str, asked: Asked) -> list[str]:
    with httpx.Client(trust_env=False) as client:

        def one(each: tuple[str, float]) -> str:
            key, timeout = each
            try:
                answer = client.get(url, headers={"Authorization": f"Bearer {key}"}, timeout=timeout)
                return told_of(answer)
            except httpx.HTTPError as error:
                return type(error).__name__

        with ThreadPoolExecutor(len(asked)) as pool:
            return list(pool.map(one, asked))


def by_curl(url: str, asked: Asked) -> list[str]:
    curl = program("curl")

    def one(each: tuple[str, float]) -> str:
        key, timeout = each
        shown = "%{http_code} %{size_download} %{content_type}%{header_json}"
        done = subprocess.run(
            [curl, "-sq", "--noproxy", "*", "-m", str(timeout), "-H", f"Authorization: Bearer {key}", "-o", os.devnull, "-w", shown, url],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )  # fmt: skip
        if done.returncode:
            return f"exit {done.returncode}"
        line, _, headers = done.stdout.partition("{")
        wait = json.loads("{" + headers).get("retry-after", [""])[0]
        return f"{line}{f' retry after {wait}' if wait else ''}"

    with ThreadPoolExecutor(len(asked)) as pool:
        return list(pool.map(one, asked))


def by_node(url: str, asked: Asked) -> list[str]:
    script = ROOT / "tests" / "node" / "faults.mjs"
    milliseconds = [(key, int(seconds * 1000)) for key, seconds in asked]
    done = subprocess.run(
        [program("node"), str(script), url, json.dumps(milliseconds)],
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    outcomes: list[str] = json.loads(done.stdout)
    return outcomes


def program(name: str) -> str:
    """Nothing is skipped: a test whose program is missing fails."""
    found = shutil.which(name)
    if found is None:
        pytest.fail(f"{name} is missing: run `make clients`")
    return found


CLIENTS = {"requests": by_requests, "httpx": by_httpx, "curl": by_curl, "node": by_node}


@pytest.mark.slow
@pytest.mark.parametrize("client", CLIENTS)
def test_every_client_comes_to_an_end_and_to_the_right_one(server: Server, client: str) -> None:
    key = f"fk_{client}-{os.getpid()}-{next(_numbers)}"
    asked = [(f"{key}~{fault}", seconds) for fault, seconds in FAULTS.items()]
    ask: Callable[[str, Asked], list[str]] = CLIENTS[client]
    outcomes = ask(f"{server.origin}/api/v1/customers/1", asked)
    assert dict(zip(FAULTS, outcomes, strict=True)) == OUTCOMES[client]


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["fail=503,retry_after=0,times=2", "fail=429,retry_after=0,times=2", "reset,times=2", "close,times=2"])  # fmt: skip
def test_a_client_that_tries_again_succeeds(server: Server, fault: str) -> None:
    key = f"fk_again-{os.getpid()}-{next(_numbers)}~{fault}"
    again = Retry(total=3, backoff_factor=0, status_forcelist=[429, 503], respect_retry_after_header=True)
    with requests.Session() as session:
        session.mount("http://", HTTPAdapter(max_retries=again))
        answer = session.get(
            f"{server.origin}/api/v1/customers/1", headers={"Authorization": f"Bearer {key}"}, timeout=WAITS
        )
    assert (answer.status_code, answer.json()["message"]) == (200, "Customer found")


@pytest.mark.slow
def test_curl_heeds_retry_after(server: Server) -> None:
    key = f"fk_heed-{os.getpid()}-{next(_numbers)}~fail=503,retry_after=2,times=1"
    began = time.monotonic()
    done = subprocess.run(
        [program("curl"), "-sq", "--noproxy", "*", "-m", "30", "--retry", "1", "-H", f"Authorization: Bearer {key}", f"{server.origin}/api/v1/customers/1"],
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )  # fmt: skip
    assert time.monotonic() - began >= 2
    assert '"message": "Customer found"' in done.stdout
