"""The clock of an account: what time its records say it is."""

from __future__ import annotations

import sys
import threading
import time
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import requests

import fakekit
from tests.helpers.commands import paste
from tests.helpers.control_api import AMA, Fake, Key, problem
from tests.helpers.project import ROOT, blocks
from tests.helpers.raw_http import port_of


@pytest.fixture
def xtrakit(over_http: Fake, key: Key) -> fakekit.Handle:
    return fakekit.connect(over_http.origin, key.key)


def added(key: Key) -> dict[str, Any]:
    answer = key.ask("customers/add", AMA)
    assert answer.status_code == 200, answer.text
    customer: dict[str, Any] = answer.json()["data"]["customer"]
    return customer


def times(record: dict[str, Any]) -> tuple[str, str]:
    return record["created_at"], record["updated_at"]


def test_a_frozen_clock_is_what_records_say(key: Key) -> None:
    told = key.control("PUT", "/clock", {"freeze": "2024-08-04 08:23:45"})
    assert told.status_code == 200
    assert told.json() == {"now": "2024-08-04T08:23:45+00:00", "frozen": True, "offset": 0.0}
    assert times(added(key)) == ("2024-08-04 08:23:45", "2024-08-04 08:23:45")
    key.control("PUT", "/clock", {"advance": 3600})
    assert key.ask("customers/51", AMA | {"customer_name": "B"}, "PUT").ok
    assert times(key.customer(51)) == ("2024-08-04 08:23:45", "2024-08-04 09:23:45")
    assert key.control("GET", "/clock").json()["now"] == "2024-08-04T09:23:45+00:00"


SALE = {
    "invoice_code": "900001",
    "invoice_number": "INV-1",
    "customer_id": "1",
    "sub_total_amount": "10.00",
    "total_amount": "10.00",
    "amount_paid": "10.00",
    "invoice_type": "main",
    "payment_type": "Cash",
}


def test_a_group_a_sale_and_an_expense_have_the_time_too(key: Key) -> None:
    key.control("PUT", "/clock", {"freeze": "2030-01-02 03:04:05"})
    assert key.ask("customer-groups/add", {"group_name": "G"}).ok
    assert times(key.control("GET", "/records/customer_groups/6").json()) == ("2030-01-02 03:04:05",) * 2
    expense = {"expense_type": "Rent", "expense_amount": "10.00", "payment_method": "cash", "created_by": "E"}
    assert key.ask("expenses/add", expense).ok
    last = key.control("GET", "/records/expenses?limit=1000").json()[-1]
    assert times(last) == ("2030-01-02 03:04:05",) * 2
    answer = key.ask("sales/add", SALE)
    assert answer.ok, answer.text
    assert times(key.control("GET", "/records/sales/900001").json()) == ("2030-01-02 03:04:05",) * 2


def test_a_moved_clock_runs_on_and_a_reset_one_is_real(xtrakit: fakekit.Handle, key: Key) -> None:
    xtrakit.clock.offset(timedelta(days=-365))
    behind = datetime.now(UTC) - xtrakit.clock.now()
    assert timedelta(days=364, hours=23) < behind < timedelta(days=365, hours=1)
    xtrakit.clock.advance(86400)
    told = key.control("GET", "/clock").json()
    assert (told["frozen"], told["offset"]) == (False, -364 * 86400.0)
    xtrakit.clock.reset()
    assert abs(datetime.now(UTC) - xtrakit.clock.now()) < timedelta(minutes=1)
    assert abs(datetime.now(UTC).replace(tzinfo=None) - datetime.fromisoformat(added(key)["created_at"])) < (
        timedelta(minutes=1)
    )


def test_freeze_now_stands_still(xtrakit: fakekit.Handle, key: Key) -> None:
    xtrakit.clock.offset(3600)
    xtrakit.clock.freeze()
    first = xtrakit.clock.now()
    assert timedelta(minutes=59) < first - datetime.now(UTC) < timedelta(minutes=61)
    assert added(key)["created_at"] == first.strftime("%Y-%m-%d %H:%M:%S")
    assert xtrakit.clock.now() == first


def test_each_key_has_a_clock_of_its_own(over_http: Fake, key: Key) -> None:
    key.control("PUT", "/clock", {"freeze": "1999-12-31 23:59:59"})
    other = added(over_http.key())
    assert other["created_at"] > "2024-01-01"
    assert added(key)["created_at"] == "1999-12-31 23:59:59"


@pytest.mark.parametrize(
    ("at", "utc"),
    [
        ("2024-08-04T10:23:45+02:00", "2024-08-04 08:23:45"),
        ("2024-08-04T08:23:45Z", "2024-08-04 08:23:45"),
        ("2024-08-04", "2024-08-04 00:00:00"),
        ("2024-08-04T08:23:45.999", "2024-08-04 08:23:45"),
        (datetime(2024, 8, 4, 8, 23, 45), "2024-08-04 08:23:45"),
        (datetime(2024, 8, 4, 3, 23, 45, tzinfo=timezone(timedelta(hours=-5))), "2024-08-04 08:23:45"),
        ("0001-01-01", "0001-01-01 00:00:00"),
        ("9999-12-31T23:59:59.999999", "9999-12-31 23:59:59"),
    ],
)
def test_a_time_with_a_zone_is_that_time_and_one_without_is_utc(
    xtrakit: fakekit.Handle, key: Key, at: datetime | str, utc: str
) -> None:
    xtrakit.clock.freeze(at)
    assert times(added(key)) == (utc, utc)


BAD = [
    ({"freeze": "tomorrow"}, "clock: freeze: must be a time, such as 2024-08-04 08:23:45"),
    ({"freeze": None}, "clock: freeze: must be a time"),
    ({"freeze": 1722760000}, "clock: freeze: must be a time"),
    ({"freeze": "2024-02-30"}, "clock: freeze: must be a time"),
    ({"freeze": "0001-01-01T00:00:00+14:00"}, "clock: freeze: must be a time"),
    ({"freeze": "9999-12-31T23:59:59-01:00"}, "clock: freeze: must be a time"),
    ({"advance": "1h"}, "clock: advance: must be a number of seconds"),
    ({"advance": True}, "clock: advance: must be a number of seconds"),
    ({"advance": None}, "clock: advance: must be a number of seconds"),
    ({"advance": 10**400}, "clock: would be outside of the years 1 to 9999"),
    ({"advance": 1e300}, "clock: would be outside of the years"),
    ({"offset": -(10**12)}, "clock: would be outside of the years"),
    ({"offset": 10**12}, "clock: would be outside of the years"),
    ({"offset": [1]}, "clock: offset: must be a number of seconds"),
    ({"freeze": "now", "advance": 1}, "clock: must have only one of freeze, advance, offset"),
    ({"freze": "now"}, "clock: freze: is not a setting of the clock"),
]


@pytest.mark.parametrize(("how", "message"), BAD)
def test_what_is_no_time_is_refused_and_the_clock_stays(key: Key, how: Any, message: str) -> None:
    key.control("PUT", "/clock", {"freeze": "2024-08-04 08:23:45"})
    status, kind, told = problem(key.control("PUT", "/clock", how))
    assert (status, kind) == (422, "ClockError")
    assert told.startswith(message)
    assert key.control("GET", "/clock").json()["now"] == "2024-08-04T08:23:45+00:00"


def test_the_handle_raises_a_clock_error(xtrakit: fakekit.Handle) -> None:
    with pytest.raises(fakekit.ClockError, match=r"clock: freeze: must be a time.*; found 'noon'"):
        xtrakit.clock.freeze("noon")
    with pytest.raises(fakekit.ClockError, match="would be outside of the years 1 to 9999"):
        xtrakit.clock.advance(timedelta.max)


@pytest.mark.parametrize("end", ["0001-01-01 00:00:00", "9999-12-31 23:59:59"])
def test_the_ends_of_the_calendar_are_times_like_others(key: Key, end: str) -> None:
    key.control("PUT", "/clock", {"freeze": end})
    assert times(added(key)) == (end, end)
    assert key.control("POST", "/records/sales", {}).status_code == 201
    assert key.ask("customers/1", AMA | {"customer_name": "B"}, "PUT").ok
    assert key.customer(1)["updated_at"] == end
    step = 1 if end > "2" else -1
    assert problem(key.control("PUT", "/clock", {"advance": step}))[0] == 422
    assert key.control("GET", "/export").status_code == 200


def test_a_running_clock_stops_at_the_end_of_the_calendar(key: Key) -> None:
    def set_before_the_end(seconds: float) -> bool:
        left = datetime.max.replace(tzinfo=UTC) - datetime.now(UTC)
        return key.control("PUT", "/clock", {"offset": left.total_seconds() - seconds}).ok

    # The request itself takes time, and one that arrives behind the end of the calendar is refused.
    seconds = next(seconds for seconds in (0.5, 2, 8, 32) if set_before_the_end(seconds))
    time.sleep(seconds)
    assert key.control("GET", "/clock").json()["now"] == "9999-12-31T23:59:59+00:00"
    assert added(key)["created_at"] == "9999-12-31 23:59:59"


def test_filters_find_what_a_frozen_clock_wrote(key: Key) -> None:
    for day in ("01", "02", "03"):
        key.control("PUT", "/clock", {"freeze": f"2031-01-{day} 12:00:00"})
        added(key)
    found = key.ask("customers?created_at=2031-01-02").json()
    assert [(c["id"], c["created_at"]) for c in found["data"]["customers"]] == [
        (52, "2031-01-02 12:00:00"),
        (53, "2031-01-03 12:00:00"),
    ]


def test_what_the_clock_is_not_part_of(key: Key) -> None:
    key.control("PUT", "/clock", {"freeze": "2031-01-01"})
    name = key.control("POST", "/snapshots").json()["snapshot"]
    key.control("PUT", "/clock", {"freeze": "2032-02-02"})
    key.control("POST", f"/snapshots/{name}/restore")
    assert key.control("GET", "/clock").json()["now"] == "2032-02-02T00:00:00+00:00"
    key.control("POST", "/reset")
    assert key.control("GET", "/clock").json()["frozen"] is False


def test_no_step_of_a_clock_is_lost_between_threads() -> None:
    interval = sys.getswitchinterval()
    with fakekit.FakeServer(seed=1) as xtrakit:

        def step() -> None:
            for _ in range(300):
                xtrakit.clock.advance(1)

        threads = [threading.Thread(target=step) for _ in range(4)]
        sys.setswitchinterval(1e-6)
        try:
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        finally:
            sys.setswitchinterval(interval)
        assert xtrakit.about["clock"]["offset"] == 1200.0


def test_the_python_of_the_page_runs(xtrakit: fakekit.Handle) -> None:
    rent = {"expense_type": "Rent", "expense_amount": "10.00", "payment_method": "Cash", "created_by": "Efua"}
    page = (ROOT / "docs" / "clock.md").read_text("utf-8")
    names: dict[str, Any] = {"requests": requests, "RENT": rent}
    for block in blocks(page, "python"):
        exec(block, names)
    tests = [name for name in names if name.startswith("test_")]
    assert tests == ["test_what_was_added_today", "test_there_and_back", "test_undo"]
    for name in tests:
        names[name](xtrakit)


def test_the_shell_of_the_page_runs(over_http: Fake, tmp_path: Path) -> None:
    over_http.key("fk_demo").control("POST", "/records/customers", {})
    (block,) = blocks((ROOT / "docs" / "clock.md").read_text("utf-8"), "sh")
    assert paste(block, tmp_path, port_of(over_http.origin)) == "1 file with 1 customers: good\n"
