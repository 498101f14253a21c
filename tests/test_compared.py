"""What a comparison with the real service found about an assumption: in files, headers, ledger and OpenAPI."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import requests

import fakekit
from fakekit.settings import Settings
from fakekit.testing.child import options_of
from tests.helpers.commands import cli
from tests.helpers.control_api import asking
from tests.helpers.processes import PATIENCE

FILE = """
[tool.fakekit.assumptions]
missing.status = 410  # set by hand
"list.shape" = { value = "array", confirmed = 2026-11-26 }
"missing.error" = { value = "No {noun}, sorry", confirmed = 2026-11-26 }
cors = { confirmed = 2026-11-26 }
auth.before_routing = { refuted = 2026-11-25 }
invalid.status = { refuted = 2026-11-25 }
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Those of the file."""
    (tmp_path / "pyproject.toml").write_text(FILE)
    return Settings.read({}, {}, tmp_path)


def assumed(url: str, key: str, path: str) -> str:
    headers = {"Authorization": f"Bearer {key}"}
    return requests.get(f"{url}/api/v1/{path}", headers=headers, timeout=PATIENCE).headers["Fakekit-Assumed"]


def test_an_answer_says_when_its_assumptions_were_compared(settings: Settings) -> None:
    with fakekit.FakeServer(settings.with_(port=0)) as xtrakit:
        url, key = xtrakit.origin, xtrakit.api_key
        assert assumed(url, key, "customers").startswith("list.shape (confirmed 2026-11-26), list.count, ")
        assert assumed(url, key, "customers/999") == (
            "missing.status=410, missing.error='No {noun}, sorry' (confirmed 2026-11-26)"
        )
        assert assumed(url, key, "customers?customer_group_id=x") == "invalid.status (refuted 2026-11-25)"
        with asking(url) as asked:
            ledger = asked.session.get(
                f"{url}/_fakekit/accounts/{key}/ledger", headers={"Fakekit-Control": "1"}, timeout=PATIENCE
            )
        uses = ledger.json()["assumptions"]
        assert {use["name"]: use["compared"] for use in uses if use["compared"]} == {
            "list.shape": "confirmed 2026-11-26",
            "missing.error": "confirmed 2026-11-26",
            "invalid.status": "refuted 2026-11-25",
        }


def test_a_server_in_another_process_gets_the_dates_too(settings: Settings, tmp_path: Path) -> None:
    arguments = list(options_of(settings))
    texts = arguments[1::2]
    assert texts[:2] == ["missing.status=410", 'list.shape={"value": "array", "confirmed": "2026-11-26"}']
    empty = tmp_path / "elsewhere"
    empty.mkdir()
    (empty / "pyproject.toml").touch()
    assert Settings.read({"assumptions": texts}, {}, empty).assumptions == settings.assumptions
    variable = {"FAKEKIT_ASSUMPTIONS": ",".join(texts)}
    assert Settings.read({}, variable, empty).assumptions == settings.assumptions


@pytest.mark.parametrize(
    "value",
    [
        {"value": 404},
        {"confirmed": "2026-11-26"},
        {"value": 404, "confirmed": "yesterday"},
        {"value": 404, "confirmed": "2026-11-26", "refuted": "2026-11-26"},
        {"value": 700, "confirmed": "2026-11-26"},
        {"value": 404, "confirmed": 20261126},
        {"value": 404, "confirmed": "2026-11-26", "by": "me"},
    ],
)
def test_a_result_of_another_form_is_an_error(value: dict[str, object]) -> None:
    with pytest.raises(fakekit.SettingsError) as raised:
        Settings.of(assumptions={"missing.status": value})
    assert str(raised.value).startswith(
        "assumptions: missing.status: must be a value, or a table with the date of a comparison, confirmed or "
        "refuted: { value = 404, confirmed = 2026-11-26 }, for a rule { confirmed = 2026-11-26 }; found "
    )


def test_a_rule_has_no_value() -> None:
    with pytest.raises(fakekit.SettingsError, match=r"^assumptions: cors: must be a value, or a table"):
        Settings.of(assumptions={"cors": {"value": True, "confirmed": "2026-11-26"}})


@pytest.mark.slow
def test_the_ledger_and_the_document_say_it(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(FILE)
    oddity = json.loads(cli("ledger", "--format", "json", cwd=tmp_path).stdout)[0]
    assert oddity["compared"] == {"list.shape": "confirmed 2026-11-26"}
    assert "[list.shape (confirmed 2026-11-26)]" in " ".join(cli("ledger", cwd=tmp_path).stdout.split())
    document = json.loads(cli("openapi", cwd=tmp_path).stdout)
    assert document["info"]["x-fakekit-compared"] == {
        "list.shape": "confirmed 2026-11-26",
        "missing.error": "confirmed 2026-11-26",
        "cors": "confirmed 2026-11-26",
        "auth.before_routing": "refuted 2026-11-25",
        "invalid.status": "refuted 2026-11-25",
    }
    operation = document["paths"]["/api/v1/customers"]["get"]
    assert (
        "Relies on the assumptions list.shape (confirmed 2026-11-26), list.count." in operation["description"]
    )
    response = operation["responses"]["200"]
    assert response["x-fakekit-truth"] == "assumed (list.shape (confirmed 2026-11-26), list.count)"
