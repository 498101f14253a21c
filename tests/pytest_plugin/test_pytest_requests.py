"""What pytest says of a test that failed, and where its fake may run: pytester runs suites in processes of their own."""

from __future__ import annotations

import re
import socket
import subprocess
from pathlib import Path

import pytest

from tests.helpers.processes import PATIENCE, serving
from tests.helpers.programs import program
from tests.helpers.project import ROOT
from tests.helpers.pytest_runs import run
from tests.helpers.secrets_in_requests import CANARY, NAMED

FAILING = program("failing_tests.py").replace("CANARY", CANARY.decode()).replace("NAMED", NAMED.decode())

TITLE = "------------------------ fakekit: requests of this test ------------------------"


def sections(result: pytest.RunResult) -> dict[str, list[str]]:
    """The sections by what they are as, with what differs from run to run made the same."""
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for line in result.outlines:
        if line == TITLE:
            current = []
        elif line.startswith("as fk_"):
            current = found.setdefault(line.split()[1].partition("-")[0], [])
        elif line.startswith(("___", "===", "fakekit: ")):
            current = []
        line = re.sub(r"127\.0\.0\.1:\d+|--port \d+", lambda m: re.sub(r"\d+$", "PORT", m[0]), line)
        line = re.sub(r"(fk_test_\w+)(-[0-9a-f]{6})?-\d+", r"\1-N", line)
        current.append(re.sub(r"in [\d.]+ ms", "in T ms", line))
    return found


SUITE = program("handle_suite.py")


SUITES = {"test_a_suite": SUITE, "test_failing": FAILING}  # the teardown that fails is the last


def make(pytester: pytest.Pytester, **files: str) -> None:
    """The two suites, and what else there is to run with them: a run of pytest takes a second."""
    pytester.makepyfile(**SUITES, **files)
    (pytester.path / "shop.yaml").write_text(
        "customer_groups:\n  - {id: 1, group_name: Shop, created_at: 2024-01-01 00:00:00, updated_at: 2024-01-01 00:00:00}\n"
    )


def test_in_a_thread(pytester: pytest.Pytester) -> None:
    page = (ROOT / "docs" / "pytest.md").read_text("utf-8").partition("## When a test fails\n")[2]
    code, sample = re.findall(r"^```(?:python|text)\n(.*?)^```$", page, re.S | re.M)[:2]
    make(pytester, test_docs=code)
    result = run(pytester)
    result.assert_outcomes(passed=10, failed=6, errors=2)
    assert "fakekit: seed 1 (default), world 580196e8a3ea (fakekit 0.1.0)" in result.outlines
    told = sections(result)
    assert told.keys() == {
        "fk_test_a_new_customer",
        "fk_test_b_call",
        "fk_test_c_setup",
        "fk_test_d_asks_nothing",
        "fk_test_f_canaries",
        "fk_test_g_many",
        "fk_test_h_teardown",
    }
    assert result.outlines.count(TITLE) == 7  # nothing of the tests that passed, or that do not use it
    assert told["fk_test_b_call"] == [
        "as fk_test_b_call-N at http://127.0.0.1:PORT/api/v1",
        "1. GET /api/v1/customers/999 -> 404 in T ms, assumed (fine)",
        '   answered  {"status": 404, "error": "Customer not found"}',
        "   note      the population ends at 70; start with --customers 999, or add it to a fixture file",
        "   assumed   missing.status, missing.error (fine: no page of the vendor says it, so fakekit chose)",
        "   curl -i http://127.0.0.1:PORT/api/v1/customers/999 -H 'Authorization: Bearer fk_test_b_call-N'",
        "2. POST /api/v1/customers/add?a=... -> 503 in T ms, assumed (fine)",
        '   sent      {"customer_name": "O\'Brien", "pin": "..."}',
        '   answered  {"status": 503, "error": "Service Unavailable"}',
        "   fault     fail=503,method=POST,times=2",
        "   assumed   fault.error (fine: no page of the vendor says it, so fakekit chose)",
        "   curl -i -X POST 'http://127.0.0.1:PORT/api/v1/customers/add?a=...' "
        "-H 'Authorization: Bearer fk_test_b_call-N~fail=503' -H 'Content-Type: application/json' "
        """-d '{"customer_name": "O'"'"'Brien", "pin": "..."}'""",
        "without a valid key: GET /api/v1/customers/1 -> 401",
        "   note      this is the literal API_KEY of the vendor's sample; send a key instead, for example fk_demo",
        "of no account: GET /customers/1 -> 404",
        "   note      fakekit has no such endpoint (nearest: GET /api/v1/customers/{id})",
        "   assumed   unknown_path.error (fine: no page of the vendor says it, so fakekit chose)",
        "requests came with the key fk_demo meanwhile (3 in total); this test's key is fk_test_b_call-N; any fk_... key is valid",
        "fault fail=503,method=POST,times=2 (used 1 of 2 times)",
        "fault slow=0.01s,method=GET,path=stores/1 (used 0 times)",
        "the server ends with the run; this answers there again: fakekit serve --port PORT --customers 70",
    ]
    assert told["fk_test_d_asks_nothing"] == [
        "as fk_test_d_asks_nothing-N at http://127.0.0.1:PORT/api/v1: none"
    ]
    assert [line for line in told["fk_test_c_setup"] if "GET" in line] == [
        "1. GET /api/v1/customer-groups/1 -> 200 in T ms, assumed (fine)"
    ]
    assert told["fk_test_h_teardown"][1] == "1. GET /api/v1/customer-groups/2 -> 200 in T ms, assumed (fine)"
    assert told["fk_test_g_many"][1:3] == [
        "(5 earlier ones are left out)",
        "6. GET /api/v1/customer-groups/2 -> 200 in T ms, assumed (fine)",
    ]
    assert sum("GET /api/v1/customer-groups" in line for line in told["fk_test_g_many"]) == 20
    unused = [line for line in result.outlines if "a fault was not used" in line]
    where = "fakekit: test_failing.py::test_b_call: a fault was not used"
    assert unused == [
        f"{where} as often as it might: fail=503,method=POST,times=2 (used 1 of 2 times)",
        f"{where} as often as it might: slow=0.01s,method=GET,path=stores/1 (used 0 times)",
    ]
    shown = "\n".join(told["fk_test_f_canaries"])
    assert "without a valid key: GET /api/v1/... -> 401" in shown
    assert '"customer_name": "my key: ..."' in shown
    for secret in (CANARY.decode(), NAMED.decode(), "sk_live_51HxQv2eZvKYlo2C"):
        assert secret[:16] not in shown
    expected = re.sub(r"in [\d.]+ ms", "in T ms", sample.replace("40123", "PORT")).replace(
        "customer-1", "customer-N"
    )
    assert told["fk_test_a_new_customer"] == expected.splitlines()[1:]


@pytest.mark.slow
def test_in_a_process_of_its_own_which_ends_with_the_run(pytester: pytest.Pytester) -> None:
    make(pytester)
    result = run(pytester, "--fakekit-server", "process")
    result.assert_outcomes(passed=10, failed=5, errors=2)
    told = sections(result)
    assert told["fk_test_b_call"][-9:] == [
        "without a valid key: GET /api/v1/customers/1 -> 401",
        "   note      this is the literal API_KEY of the vendor's sample; send a key instead, for example fk_demo",
        "of no account: GET /customers/1 -> 404",
        "   note      fakekit has no such endpoint (nearest: GET /api/v1/customers/{id})",
        "   assumed   unknown_path.error (fine: no page of the vendor says it, so fakekit chose)",
        "requests came with the key fk_demo meanwhile (2 in total); this test's key is fk_test_b_call-N; any fk_... key is valid",
        "fault fail=503,method=POST,times=2 (used 1 of 2 times)",
        "fault slow=0.01s,method=GET,path=stores/1 (used 0 times)",
        "the server ends with the run; this answers there again: fakekit serve --port PORT --customers 70",
    ]
    assert told["fk_test_h_teardown"][1] == "1. GET /api/v1/customer-groups/2 -> 200 in T ms, assumed (fine)"
    port = re.search(r"127\.0\.0\.1:(\d+)", result.stdout.str())
    assert port
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(port[1])), timeout=PATIENCE)


@pytest.mark.slow
def test_on_a_running_server_where_the_curl_lines_can_be_pasted(
    pytester: pytest.Pytester, tmp_path: Path
) -> None:
    make(pytester, test_pasted=program("pasted_requests.py"), test_worlds=program("worlds_suite.py"))
    with serving(tmp_path, "--seed", "7") as running:
        result = run(pytester, "--fakekit-url", f"{running.origin}/api/v1")
        result.assert_outcomes(passed=14, failed=6, errors=2)
        assert f"fakekit: at {running.origin} (fakekit 0.1.0 here)" in result.outlines
        for absent in ("the server ends with the run", "meanwhile", "without a valid key", "of no account"):
            assert absent not in result.stdout.str()  # it runs on, and others may use it
        told = sections(result)["fk_test_x"]
        asked = [line for line in told if re.match(r"\d+\. ", line)]
        curls = [
            line.strip().replace("PORT", str(running.port)) for line in told if line.startswith("   curl ")
        ]
        assert len(asked) == len(curls) == 11
        script = "\n".join(f"{line} -sS -m 5 -o /dev/null -w '%{{http_code}}\\n'" for line in curls)
        done = subprocess.run(
            ["bash", "-ec", script], capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    assert done.stderr == ""
    assert done.stdout.split() == [
        "404",
        "200",
        "404",
        "422",
        "200",
        "200",
        "422",
        "422",
        "200",
        "404",
        "204",
    ]
    assert [line.partition(" -> ")[2][:3] for line in asked] == done.stdout.split()


def test_a_server_that_is_not_there_is_told(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_x(xtrakit): pass\ndef test_other(): pass\n")
    result = run(pytester, "--fakekit-url", "http://127.0.0.1:1")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(
        [
            "fakekit: http://127.0.0.1:1: cannot be reached over HTTP (*refused*); start it with fakekit serve --port 1"
        ]
    )
    assert "Traceback" not in result.stdout.str()
