"""What a run says about assumptions, what it learns of them, and that a second run then agrees."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import pytest

from fakekit.contract.assumptions import READS
from fakekit.contract.positions import TABLE
from fakekit.drift.api_key import ApiKey
from fakekit.drift.findings import AssumptionResult, Outcome, Report
from fakekit.drift.learn import learn
from fakekit.drift.observations import OBSERVERS
from fakekit.drift.reads import PLANS
from fakekit.drift.responses import OutgoingRequest, ReceivedResponse
from fakekit.drift.run import ComparedService, assumptions_of, compare_services
from fakekit.errors import SettingsError
from fakekit.settings import Settings
from tests.helpers.alternatives import Value, alternatives
from tests.helpers.bends.answers import in_document
from tests.helpers.bends.service import KEY, Asked, Change, Service, as_it_is, service
from tests.helpers.commands import cli
from tests.helpers.drift import Answer, drift, http, vendor

DAY = date(2026, 11, 26)
OBSERVED = {assumption.name: assumption for assumption in TABLE if assumption.observed_by}
ALTERNATIVES = [(name, value) for name, value in alternatives() if name in OBSERVED]


def compare(real: Settings, mine: Settings, change: Change = as_it_is) -> Report:
    asked = service(real, change)
    report = compare_services(ComparedService("the service", asked.send, KEY), mine)
    assert report.requests == asked.requests
    return report


def answers_of(asked: Service) -> Answer:
    """What a server sends that answers as a service does."""

    def answer(head: str) -> bytes:
        target = head.split()[1].removeprefix("/api/v1/")
        key = head.partition("Authorization: Bearer ")[2].split("\r\n")[0]
        response = asked.send(OutgoingRequest(target, ApiKey(key, "the test") if key else None))
        headers = [f"{name}: {value}" for name, value in response.headers.items() if name != "content-length"]
        return http(f"{response.status} X", response.body, *headers)

    return answer


def outcomes(report: Report) -> dict[str, Outcome]:
    return {result.name: result.outcome for result in report.assumptions}


def result_of(report: Report, name: str) -> AssumptionResult:
    return next(result for result in report.assumptions if result.name == name)


def test_each_way_to_observe_an_assumption_is_a_function() -> None:
    assert {*OBSERVERS, *PLANS} == {*READS} == {assumption.observed_by for assumption in OBSERVED.values()}
    assert not {*OBSERVERS} & {*PLANS}


@pytest.mark.slow
def test_a_service_that_does_what_is_assumed_confirms_all_that_its_records_show() -> None:
    report = compare(Settings.of(seed=7), Settings.of())
    assert report.findings == ()
    assert list(outcomes(report)) == list(OBSERVED)
    unconfirmed = [name for name, outcome in outcomes(report).items() if outcome is not Outcome.CONFIRMED]
    assert unconfirmed == ["auth.by_analogy", "limits.none"]
    assert report.requests == 39
    empty = compare(Settings.of(customers=0), Settings.of())
    assert Outcome.REFUTED not in outcomes(empty).values()
    assert outcomes(empty)["filter.range"] is Outcome.NOT_OBSERVED


@pytest.mark.slow
@pytest.mark.parametrize(("name", "value"), ALTERNATIVES)
def test_a_second_run_agrees_after_what_the_first_one_learned(
    tmp_path: Path, name: str, value: Value
) -> None:
    real = Settings.of(seed=7, assumptions={name: value})
    before = compare(real, Settings.of())
    assert result_of(before, name) == AssumptionResult(name, Outcome.REFUTED, value)
    assert {finding.assumption for finding in before.findings} <= {name}
    learn(before.assumptions, assumptions_of(Settings.of()), DAY, tmp_path)
    settings = Settings.read({}, {}, tmp_path)
    assert dict(settings.assumptions)[name].label == "confirmed 2026-11-26"  # type: ignore[union-attr]
    after = compare(real, settings)
    assert after.findings == ()
    assert result_of(after, name) == AssumptionResult(name, Outcome.CONFIRMED, value)
    assert Outcome.REFUTED not in outcomes(after).values()


@pytest.mark.parametrize("name", ["missing.status", pytest.param("invalid.status", marks=pytest.mark.slow)])
def test_a_429_that_is_assumed_is_no_rate_limit_unless_it_says_when_to_come_again(name: str) -> None:
    settings = Settings.of(customers=1, sales=0, items=0, expenses=0, assumptions={name: 429})

    def with_retry_after(_: Asked, response: ReceivedResponse) -> ReceivedResponse:
        more = {"retry-after": "600"} if response.status == 429 else {}
        return response._replace(headers={**response.headers, **more})

    report = compare(settings, settings)
    assert report.findings == ()
    assert result_of(report, name) == AssumptionResult(name, Outcome.CONFIRMED, 429)
    assert outcomes(report)["limits.none"] is Outcome.NOT_OBSERVED
    limited = compare(settings, settings, with_retry_after)
    assert outcomes(limited)[name] is Outcome.NOT_OBSERVED
    assert outcomes(limited)["limits.none"] is Outcome.REFUTED


def changed_error(asked: Asked, response: ReceivedResponse) -> ReceivedResponse:
    """Another text for a path that is no endpoint, and no Allow with a 405."""
    if asked.endpoint is None and response.status in (404, 405):
        return in_document(lambda d: {**d, "error": "Nothing here"})(response)
    return response


@pytest.mark.slow
def test_a_rule_that_does_not_hold_is_refuted_and_answers_say_so(tmp_path: Path) -> None:
    report = compare(Settings.of(seed=7), Settings.of(), changed_error)
    refuted = [name for name, outcome in outcomes(report).items() if outcome is Outcome.REFUTED]
    assert refuted == ["unknown_path.error", "method.error"]
    file = tmp_path / "pyproject.toml"
    learn([result_of(report, "method.error")], assumptions_of(Settings.of()), DAY, tmp_path)
    assert file.read_text() == '[tool.fakekit.assumptions]\n"method.error" = {refuted = 2026-11-26}\n'


BEFORE = """\
# the project
[project]
name = "shop"  # ours

[tool.fakekit]
seed = 7 # lucky

[tool.fakekit.assumptions]
# set by hand
missing.status = 410  # seen on Monday
"list.shape" = "object"    # really
cors = { confirmed = 2025-01-01 }
"values.empty" = "text"

[tool.ruff]
line-length = 110
"""
AFTER = """\
# the project
[project]
name = "shop"  # ours

[tool.fakekit]
seed = 7 # lucky

[tool.fakekit.assumptions]
# set by hand
missing.status = {value = 400, confirmed = 2026-11-26}  # seen on Monday
"list.shape" = {value = "object", confirmed = 2026-11-26}    # really
cors = {refuted = 2026-11-26}
"values.empty" = {value = "text", refuted = 2026-11-26}
"missing.error" = {value = "No {noun}", confirmed = 2026-11-26}

[tool.ruff]
line-length = 110
"""


def test_what_is_learned_keeps_comments_and_order(tmp_path: Path) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_text(BEFORE)
    below = tmp_path / "src"
    below.mkdir()
    results = [
        AssumptionResult("missing.status", Outcome.REFUTED, 400),
        AssumptionResult("list.shape", Outcome.CONFIRMED, "object"),
        AssumptionResult("cors", Outcome.REFUTED),
        AssumptionResult("values.empty", Outcome.REFUTED),
        AssumptionResult("missing.error", Outcome.REFUTED, "No {noun}"),
        AssumptionResult("limits.none", Outcome.NOT_OBSERVED),
    ]
    settings = Settings.read({}, {}, below)
    assert learn(results, assumptions_of(settings), DAY, below)[1] == [r.name for r in results[:-1]]
    assert file.read_text() == AFTER
    assert Settings.read({}, {}, below).assumptions[3][1].value == "text"  # type: ignore[union-attr]


REFUTED = [AssumptionResult("missing.status", Outcome.REFUTED, 400)]
LEARNED = '"missing.status" = {value = 400, confirmed = 2026-11-26}'


def test_what_is_learned_keeps_the_ends_of_lines(tmp_path: Path) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_bytes(b"[tool]\r\na.b = 1\r\n")
    learn(REFUTED, assumptions_of(Settings.of()), DAY, tmp_path)
    assert file.read_bytes().decode().splitlines(keepends=True) == [
        "[tool]\r\n",
        "a.b = 1\r\n",
        "\r\n",
        "[tool.fakekit.assumptions]\r\n",
        f"{LEARNED}\r\n",
    ]


def test_what_is_learned_goes_into_an_inline_table_too(tmp_path: Path) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_text("[tool]\nfakekit = { seed = 1 } # ours\n")
    learn(REFUTED, assumptions_of(Settings.of()), DAY, tmp_path)
    assert file.read_text().endswith(" # ours\n")
    settings = Settings.read({}, {}, tmp_path)
    assert (settings.seed, dict(settings.assumptions)["missing.status"].value) == (1, 400)  # type: ignore[union-attr]


@pytest.mark.skipif(sys.platform == "win32", reason="needs symbolic links")
def test_what_is_learned_is_written_behind_a_symbolic_link_and_keeps_permissions(tmp_path: Path) -> None:
    file, real = tmp_path / "pyproject.toml", tmp_path / "shared.toml"
    real.write_text("")
    real.chmod(0o640)
    file.symlink_to("shared.toml")
    learn(REFUTED, assumptions_of(Settings.of()), DAY, tmp_path)
    assert (file.is_symlink(), real.stat().st_mode & 0o777) == (True, 0o640)
    assert real.read_text() == f"[tool.fakekit.assumptions]\n{LEARNED}\n"


@pytest.mark.slow
def test_a_command_is_not_run_if_what_it_shows_cannot_be_learned(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.fakekit]\nassumptions = 'missing.status=410'\n")
    command = [sys.executable, "-c", "open('has_run', 'w')"]
    done = cli("shadow", "--learn", "--base-url", "http://127.0.0.1:1", "--", *command, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (
        1,
        f"error: {tmp_path}/pyproject.toml: assumptions: must be a table, so that dates can be written into it; "
        "write [tool.fakekit.assumptions]\n",
    )
    assert not (tmp_path / "has_run").exists()


@pytest.mark.parametrize(
    "line", ["assumptions = ['missing.status=410']", "assumptions = 'missing.status=410'"]
)
def test_a_list_of_assumptions_cannot_have_dates(tmp_path: Path, line: str) -> None:
    text = f"[tool.fakekit]\n{line}\n"
    (tmp_path / "pyproject.toml").write_text(text)
    with pytest.raises(SettingsError, match="must be a table, so that dates can be written into it"):
        learn([], assumptions_of(Settings.of()), DAY, tmp_path)
    assert (tmp_path / "pyproject.toml").read_text() == text


@pytest.mark.slow
def test_the_command_learns_over_a_socket_and_prints_no_text_of_the_service(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("")
    real = service(Settings.of(seed=7, assumptions={"missing.error": "No {noun} in the shop of Ama"}))
    with vendor(answers_of(real)) as url:
        done = drift(url, "--learn", cwd=tmp_path)
        assert done.returncode == 2
        assert "    refuted: missing.error (found another text)\n" in done.stdout
        assert "Ama" not in done.stdout + done.stderr
        assert done.stderr.splitlines()[-1].startswith(
            f"{tmp_path}/pyproject.toml: 26 assumptions have the date "
        )
        again = drift(url, cwd=tmp_path)
        assert (again.returncode, "refuted" in again.stdout) == (0, False)


@pytest.mark.slow
def test_an_old_date_that_the_run_does_not_renew_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        "[tool.fakekit.assumptions]\n"
        '"missing.status" = { value = 404, confirmed = 2025-01-01 }\n'
        '"conflict.status" = { value = 409, confirmed = 2025-01-01 }\n'
        '"create.status" = { value = 200, confirmed = 9999-01-01 }\n'
    )
    done = cli("drift", "--self", "--max-age", "90", cwd=tmp_path)
    assert done.returncode == 0
    (line,) = [line for line in done.stderr.splitlines() if "confirmed" in line]
    start, _, end = line.partition(" days ago")
    assert start.rpartition(" ")[0] == "warning: conflict.status was confirmed 2025-01-01,"
    assert end == ", and this run did not observe it"
    assert cli("drift", "--self", cwd=tmp_path).stderr == ""


def test_nothing_is_learned_of_fakekit_itself_or_without_tomlkit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = cli("drift", "--self", "--learn", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (
        1,
        "error: --self: says nothing about the real service, so there is nothing to learn; "
        "write fakekit drift BASE_URL --learn\n",
    )
    monkeypatch.setitem(sys.modules, "tomlkit", None)
    with pytest.raises(SettingsError) as raised:
        learn([], assumptions_of(Settings.of()), DAY, tmp_path)
    assert str(raised.value) == (
        "--learn: needs tomlkit, which is not installed; write pip install 'fakekit[drift]'"
    )
