"""The same fault by the handle, the control API, a key, the command line and settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import fakekit
from fakekit import Handle
from tests.helpers.commands import cli
from tests.helpers.fault_requests import arm, control, get, new_key
from tests.helpers.processes import Server, serving

SLOWLY = '{"fault": "slow", "seconds": "10ms", "method": "GET", "times": 2}'


def outcome(where: Server | Handle, key: str) -> list[tuple[int, bytes, str | None, str]]:
    replies = [get(where, key) for _ in range(3)]
    return [(r.status, r.body[:50], r.headers.get("fakekit-fault"), r.note) for r in replies]


@pytest.mark.parametrize(
    ("text", "document"),
    [
        ("fail=503,times=2", {"fault": "fail", "status": 503, "times": 2}),
        ("fail=429,retry_after=7,every=2", {"fault": "fail", "status": 429, "retry_after": 7, "every": 2}),
        ("slow=10ms,path=customers/*,method=GET", {"fault": "slow", "seconds": 0.01, "method": "GET", "path": "customers/*"}),
        ("drop=data.customer,after=1", {"fault": "drop", "field": "data.customer", "after": 1}),
        ("content-type=text/html", {"fault": "content-type", "media_type": "text/html"}),
        ("respond=404,text=gone,times=1", {"fault": "respond", "status": 404, "text": "gone", "times": 1}),
    ],
)  # fmt: skip
def test_the_same_definition_four_ways(
    server: Server, text: str, document: dict[str, Any], tmp_path: Path
) -> None:
    by_key = outcome(server, f"{new_key()}~{text}")
    assert any(fault for _, _, fault, _ in by_key)
    arm(server.port, controlled := new_key(), document)
    assert outcome(server, controlled) == by_key
    with fakekit.FakeServer(faults=[text]) as from_start:
        mine = from_start
        assert outcome(mine, "fk_other") == by_key
        mine.clear_faults()
        mine.add_fault(text)
        assert outcome(mine, mine.api_key) == by_key
        mine.clear_faults()
        mine.add_fault(document)
        assert outcome(mine, mine.api_key) == by_key


@pytest.mark.slow
def test_faults_that_every_key_has_from_the_start(tmp_path: Path) -> None:
    options = ["--fault", "fail=503,times=1,path=customers/1", "--fault", SLOWLY]
    with serving(tmp_path, "--server", "alone", *options) as running:
        for key in (new_key(), new_key()):
            assert [get(running, key).status for _ in range(2)] == [503, 200]
            told: Any = control(running.port, "GET", f"/{key}").json()
            assert told["unused"] == []
            control(running.port, "POST", f"/{key}/reset")
            assert get(running, key).status == 503


@pytest.mark.parametrize("way", ["variable", "file"])
def test_the_environment_and_pyproject_say_faults_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.chdir(tmp_path)
    if way == "variable":
        monkeypatch.setenv("FAKEKIT_FAULTS", "fail=503,times=1,path=customers/1")
    else:
        table = """faults = ["fail=503,times=1,path=customers/1", {fault = "slow", seconds = 0}]"""
        (tmp_path / "pyproject.toml").write_text(f"[tool.fakekit]\n{table}\n")
    client = fakekit.create_app().test_client()
    headers = {"Authorization": "Bearer fk_a"}
    assert [client.get("/api/v1/customers/1", headers=headers).status_code for _ in range(2)] == [503, 200]


def test_a_server_that_keeps_the_connection_to_itself_refuses_what_needs_it() -> None:
    client = fakekit.create_app(fakekit.Settings.of()).test_client()
    for fault in ("reset", "close", "truncate", "garbage", "trickle=10ms"):
        reply = client.get("/api/v1/customers/1", headers={"Authorization": f"Bearer fk_a~{fault}"})
        assert (reply.status_code, reply.headers["Fakekit-Note"]) == (
            200,
            "a fault was not applied: this server gives fakekit no access to the connection; use fakekit serve",
        )
    reply = client.get("/api/v1/customers/1", headers={"Authorization": "Bearer fk_a~slow=10ms"})
    assert "Fakekit-Note" not in reply.headers


def test_a_wrong_fault_ends_the_command(tmp_path: Path) -> None:
    done = cli("serve", "--port", "0", "--fault", "fial=503", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: --fault: is not a kind of fault; found 'fial'; write fail\n"
    done = cli("serve", "--port", "0", env={"FAKEKIT_FAULTS": "fail=318"}, cwd=tmp_path)
    assert done.returncode == 2
    assert "FAKEKIT_FAULTS: fail: status: must be a whole number from 400 to 599; found '318'" in done.stderr
    (tmp_path / "pyproject.toml").write_text('[tool.fakekit]\nfaults = ["fial=503"]\n')
    done = cli("serve", "--port", "0", cwd=tmp_path)
    file = tmp_path / "pyproject.toml"
    assert (
        done.stderr
        == f"error: {file}: tool.fakekit.faults: is not a kind of fault; found 'fial'; write fail\n"
    )


def test_several_behind_one_key(server: Server, key: str) -> None:
    carrying = f"{key}~fail=503,times=1~fail=429,times=1~drop=data"
    assert [get(server, carrying).status for _ in range(3)] == [503, 429, 200]
    assert get(server, carrying).json() == {"status": 200, "message": "Customer found"}


def test_a_key_and_what_it_carries_share_one_account(server: Server, key: str) -> None:
    get(server, f"{key}~slow=0", "customers/2", "DELETE")
    assert get(server, key, "customers/2").status == 404


def test_several_faults_may_stand_in_one_variable_and_what_is_no_fault_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = "fail=503,times=1~respond=201,times=1"
    both = fakekit.Settings.read({}, {"FAKEKIT_FAULTS": given}, tmp_path).faults
    assert both == ("fail=503,times=1", "respond=201,times=1")
    listed = fakekit.Settings.read({}, {"FAKEKIT_FAULTS": '["reset", {"fault": "close"}]'}, tmp_path).faults
    assert listed == ("reset", '{"fault": "close"}')
    (tmp_path / "pyproject.toml").write_text(
        '[tool.fakekit]\nfaults = [{fault = "slow", seconds = 2024-01-01}]\n'
    )
    with pytest.raises(fakekit.SettingsError, match=r"tool\.fakekit\.faults: must be a fault"):
        fakekit.Settings.read({}, {}, tmp_path)
    with pytest.raises(fakekit.SettingsError, match="faults: is not a kind of fault"):
        fakekit.FakeServer(faults=["nope"])
