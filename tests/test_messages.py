"""What users are told about mistakes: each message names the cure in the syntax of the place of the mistake."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests

import fakekit
from tests.helpers.commands import cli
from tests.helpers.messages import AT_THE_COMMAND_LINE, AUTHORIZATION, IN_FILES, IN_PYTHON, OVER_HTTP
from tests.helpers.processes import PATIENCE
from tests.helpers.pytest_runs import run


@pytest.mark.parametrize(("code", "message"), IN_PYTHON, ids=[code for code, _ in IN_PYTHON])
@pytest.mark.parametrize("where", ["here", "remote"])
def test_in_python(xtrakit: fakekit.Handle, code: str, message: str, where: str) -> None:
    handle = xtrakit if where == "here" else fakekit.connect(xtrakit.origin, "fk_remote")
    with pytest.raises((fakekit.FakekitError, AttributeError, TypeError)) as error:
        eval(code, {"fakekit": fakekit, "xtrakit": handle})
    assert str(error.value) == message


def test_over_http_the_cure_is_json_and_beside_it_in_python(xtrakit: fakekit.Handle) -> None:
    answer = requests.post(
        f"{xtrakit.origin}/_fakekit/accounts/fk_json/records/customers",
        json={"customer_zip": 233, "id": 1},
        headers={"Fakekit-Control": "1"},
        timeout=PATIENCE,
    )
    assert answer.json()["problems"] == [
        {
            "where": "customers.id",
            "what": "is the id of a record that exists",
            "found": "1",
            "write": "PATCH /records/customers/1",
            "python": 'change("customers", 1, ...)',
        }
    ]


@pytest.mark.parametrize(("form", "text", "message"), IN_FILES)
def test_in_a_fixture_file(tmp_path: Path, form: str, text: str, message: str) -> None:
    (tmp_path / f"shop.{form}").write_text(text, "utf-8")
    assert (
        cli("check", f"shop.{form}", cwd=tmp_path).stderr.splitlines()[0]
        == f"error: shop.{form}:1: {message}"
    )


def test_a_field_of_a_fixture_file_is_spelled_as_in_the_file(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"items": [{"id": "1", "quantity": 20}]}')
    (tmp_path / "b.yaml").write_text('items:\n  - id: "1"\n    unit_cost: cheap\n')
    told = cli("check", ".", cwd=tmp_path).stderr
    assert 'items[0].quantity: must be text; found 20; write something like "quantity": "20"\n' in told
    assert "items[0].id: must be a whole number; found '1'; write \"id\": 1\n" in told
    assert "items[0].id: must be a whole number; found '1'; write id: 1 without quotes\n" in told


@pytest.mark.parametrize(("method", "path", "note"), OVER_HTTP)
def test_over_http(xtrakit: fakekit.Handle, method: str, path: str, note: str) -> None:
    answer = requests.request(method, xtrakit.url(path), headers=xtrakit.headers, timeout=PATIENCE)
    assert answer.headers["Fakekit-Note"] == note


@pytest.mark.parametrize(("header", "note"), AUTHORIZATION)
def test_without_a_valid_key(xtrakit: fakekit.Handle, header: str, note: str) -> None:
    headers = {"Authorization": header} if header else {}
    answer = requests.get(xtrakit.url("customers/1"), headers=headers, timeout=PATIENCE)
    assert (answer.status_code, answer.headers["Fakekit-Note"]) == (401, note)


def test_the_choice_that_reads_like_no_value_is_named_as_text(xtrakit: fakekit.Handle) -> None:
    sale = {"payment_type": "cash"}
    answer = requests.post(xtrakit.url("sales/add"), json=sale, headers=xtrakit.headers, timeout=PATIENCE)
    assert answer.json()["error"].split("; ")[-1] == (
        'payment_type must be one of "None" (the text), Mobile Money, Cash, Bank Transfer / Deposit, Cheque, '
        "Card Payment, Digital Payment, Other Payment"
    )


@pytest.mark.parametrize(("command", "variables", "message"), AT_THE_COMMAND_LINE)
def test_at_the_command_line(
    tmp_path: Path, command: tuple[str, ...], variables: dict[str, str], message: str
) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text("customers: []\n")
    (tmp_path / "spaces.yaml").write_text("customers:\n  - id:\u00a01\n    customer_name: Ama\n", "utf-8")
    (tmp_path / "indented.yaml").write_text("customers:\n\u00a0 - id: 1\n", "utf-8")
    (tmp_path / "flow.yaml").write_text("sales:\n  - {id:\u00a01}\n", "utf-8")
    behind = "sales:\n  - invoice_note: |\n      one\n      \u00a0two\n\u00a0   id: 1\n    total_amount: 5\n"
    (tmp_path / "behind.yaml").write_text(behind, "utf-8")
    (tmp_path / "sale.yaml").write_text("sales:\n  - id: 1\n    total: 5\n")
    told = cli(*command, cwd=tmp_path, env=variables)
    assert (told.returncode, message in told.stderr.splitlines()) == (2, True), told.stderr


def test_a_no_break_space_within_a_value_stays(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text("customers:\n  - id: 1\n    customer_name: A\u00a0B\n", "utf-8")
    assert "no-break space" not in cli("check", "shop.yaml", cwd=tmp_path).stderr


def test_a_no_break_space_in_front_of_a_line_of_text_stays(tmp_path: Path) -> None:
    times = "created_at: 2024-01-01 00:00:00, updated_at: 2024-01-01 00:00:00"
    (tmp_path / "shop.yaml").write_text(
        "customer_groups:\n"
        f"  - {{id: 1, group_name: A, {times}, group_description: 'one\n\n      \u00a0two'}}\n"
        "  - id: 2\n    group_name: B\n    group_description: |\n      one\n      \u00a0two\n"
        f"    {times.replace(', ', chr(10) + '    ')}\n",
        "utf-8",
    )
    with fakekit.FakeServer(fixtures=[str(tmp_path / "shop.yaml")]) as xtrakit:
        texts = [group["group_description"] for group in xtrakit.records("customer_groups")[:2]]
    assert texts == ["one\n\u00a0two", "one\n\u00a0two\n"]


def test_wait_names_the_command_that_starts_a_server() -> None:
    told = cli("wait", "http://127.0.0.1:9", "--timeout", "0")
    assert told.stderr.endswith("; start it with fakekit serve --port 9\n")


def test_a_dead_url_is_told_in_full_once(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_1(xtrakit): pass\ndef test_2(xtrakit): pass")
    told = run(
        pytester, "--fakekit-url", "http://127.0.0.1:9", "--tb=short", "-rN", "-p", "no:randomly"
    ).outlines
    errors = [line.removeprefix("E   ").removeprefix("fakekit: ") for line in told if "127.0.0.1:9: " in line]
    assert errors == [
        "http://127.0.0.1:9: cannot be reached over HTTP ([Errno 111] Connection refused); start it with fakekit serve --port 9",
        "http://127.0.0.1:9: cannot be reached; the first test that needed it says why",
    ]


@pytest.mark.slow
def test_a_mark_of_the_fixtures_name_is_told(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.xtrakit(customers=3)
        def test_1(xtrakit): pass

        @pytest.mark.xtrakit
        def test_2(xtrakit): pass
        """
    )
    result = run(pytester, "-W", "ignore::pytest.PytestUnknownMarkWarning")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(
        ["*@pytest.mark.xtrakit: is not the mark of the fake; write @pytest.mark.fakekit(customers=...)"]
    )
