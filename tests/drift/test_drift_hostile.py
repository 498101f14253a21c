"""Documents that no contract foresees: a run survives each, and prints nothing of their content."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest

from fakekit.drift.fake_service import FAKE_KEY, fake_send
from fakekit.drift.known_findings import NOTHING_USED
from fakekit.drift.rendering import RENDERINGS
from fakekit.drift.responses import OutgoingRequest, ReceivedResponse, Send
from fakekit.drift.run import ComparedService, compare_services
from fakekit.drift.survey import ServiceError
from fakekit.settings import Settings

pytestmark = pytest.mark.slow
SMALL = Settings.of(customers=5, sales=5, items=5, expenses=5)
VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 3.5, 1e308, 10**30, "", "  ", " Zanzibar ", "2024-13-45", "Zanzibar@zanzibar.zz",
    "/zanzibar", [], {}, ["Zanzibar"], {"Zanzibar": 1}, {"zanzibar key": []}, [[[]]], "200.00", 200, "\u0663", "\x00",
)  # fmt: skip
NAMES = ("Zanzibar", "data", "", "status", "meta", "Zanzibar 1", "[]", "message", "zanzibar\u00e9")
TYPES = (
    "",
    "application/json; charset=zanzibar",
    'text/html; charset="',
    "; charset",
    "application/json;;charset=utf-16",
)


def spoil(random: Random, value: Any) -> Any:
    """A JSON value with other values, names and orders in it."""
    if random.random() < 0.04:
        return random.choice(VALUES)
    if isinstance(value, list):
        return [spoil(random, item) for item in value]
    if not isinstance(value, dict):
        return value
    items = list(value.items())
    if random.random() < 0.1:
        random.shuffle(items)
    if items and random.random() < 0.1:
        items.pop()
    if random.random() < 0.1:
        items.insert(random.randrange(len(items) + 1), (random.choice(NAMES), random.choice(VALUES)))
    return {name: spoil(random, item) for name, item in items}


def spoilt(random: Random, send: Send) -> Send:
    """A service that spoils its responses, and at times their status, media type or end."""

    def sending(request: OutgoingRequest) -> ReceivedResponse:
        response = send(request)
        body = json.dumps(spoil(random, json.loads(response.body))).encode()
        body = body[: random.randrange(len(body))] if random.random() < 0.03 else body
        headers = dict(response.headers)
        if random.random() < 0.1:
            headers["content-type"] = random.choice(TYPES)
        odd = random.random() < 0.05
        return ReceivedResponse(
            random.choice([201, 204, 301, 403, 429, 500, 999]) if odd else response.status, headers, body
        )

    return sending


def test_a_run_survives_any_document_and_prints_nothing_of_it() -> None:
    send, found = fake_send(SMALL), 0
    for seed in range(15):
        service = ComparedService("127.0.0.1", spoilt(Random(seed), send), FAKE_KEY)
        try:
            report = compare_services(service, SMALL)
        except ServiceError:
            continue
        found += len(report.findings)
        texts = [render(report, NOTHING_USED) for render in RENDERINGS.values()]
        assert not [text for text in texts if "anzibar" in text]
        assert max(map(len, texts[0].splitlines())) <= 80
    assert found > 100
