"""JSON that others wrote is read equally strictly wherever it comes: a body, a control request, a file, a fault."""

from __future__ import annotations

from pathlib import Path

import pytest

import fakekit
from fakekit.errors import FixtureError, SettingsError

TWICE = '{"a": {"b": 1, "b": 2}}'
CASES = {
    "cut": ('{"a": ', "is not JSON"),
    "nan": ('{"a": NaN}', "has a number that JSON does not allow"),
    "infinity": ('{"a": [-Infinity]}', "has a number that JSON does not allow"),
    "digits": ('{"a": ' + "9" * 5000 + "}", "has a number that JSON does not allow"),
    "half": ('{"a": "\\ud83d"}', "holds half of a surrogate pair"),
    "other half": ('{"a": "\\\\\\uDE00"}', "holds half of a surrogate pair"),
    "half in a name": ('{"\\udfff": 1}', "holds half of a surrogate pair"),
    "deep": ('{"a": ' + "[" * 512 + "]" * 512 + "}", "is nested too deeply"),
    "very deep": ('{"a": ' + "[" * 100_000, "is nested too deeply"),
}
malformed = pytest.mark.parametrize(("text", "message"), CASES.values(), ids=CASES)


def post(path: str, text: str, **headers: str) -> tuple[int, str]:
    """Status and body of the answer to a POST with this text under application/json."""
    client = fakekit.create_app(fakekit.Settings.of()).test_client()
    answer = client.post(path, data=text, content_type="application/json", headers=headers)
    return answer.status_code, answer.text


@malformed
def test_in_a_body(text: str, message: str) -> None:
    answer = post("/api/v1/customers/add", text, Authorization="Bearer fk_demo")
    assert answer == (422, f'{{"status": 422, "error": "the body {message}"}}\n')


@malformed
def test_in_a_control_request(text: str, message: str) -> None:
    status, body = post("/_fakekit/accounts/fk_a/faults", text, **{"Fakekit-Control": "1"})
    assert (status, '"what": "is not JSON"' in body) == (400, True)


@malformed
def test_in_a_fixture_file(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "world.json"
    file.write_text(f"\n{text}")
    with pytest.raises(FixtureError) as raised:
        fakekit.create_app(fakekit.Settings.of(fixtures=[file]))
    assert f"{file}:" in str(raised.value)
    assert message in str(raised.value)


@malformed
def test_in_the_text_of_a_fault(text: str, message: str) -> None:
    with pytest.raises(SettingsError) as raised:
        fakekit.create_app(fakekit.Settings.of(faults=[text]))
    assert str(raised.value) == f'faults: {message}; write fail=503,times=2, or {{"fault": "fail"}}'


def test_a_name_that_stands_twice() -> None:
    assert post("/api/v1/customers/add", TWICE, Authorization="Bearer fk_demo")[1] == (
        '{"status": 422, "error": "the body has b twice"}\n'
    )
    assert (
        '"what": "has a name twice"'
        in post("/_fakekit/accounts/fk_a/faults", TWICE, **{"Fakekit-Control": "1"})[1]
    )
    with pytest.raises(SettingsError, match="faults: has a name twice; write fail=503"):
        fakekit.create_app(fakekit.Settings.of(faults=['{"fault": "fail", "status": 503, "status": 404}']))


def test_pairs_of_surrogates_and_512_levels_are_read() -> None:
    deep = '{"group_name": "\\ud83d\\ude00 \\\\ud83d", "group_description": "", "x": '
    deep += "[" * 511 + "]" * 511 + "}"
    status, body = post("/api/v1/customer-groups/add", deep, Authorization="Bearer fk_demo")
    assert (status, "😀 \\\\ud83d" in body) == (200, True)
