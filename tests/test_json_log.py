"""``--log-format json``: each line of the log is a JSON object, its fields first and its text last."""

from __future__ import annotations

import json
import logging
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fakekit.server.log_writer import LineHandler
from tests.helpers.broken_stream import BrokenStream
from tests.helpers.commands import cli
from tests.helpers.processes import PATIENCE, clean_environment, serving
from tests.helpers.project import ROOT
from tests.helpers.raw_http import ask, send

Line = dict[str, Any]


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> list[Line]:
    """What a server wrote to stderr that got five requests, two of them the same."""
    folder = tmp_path_factory.mktemp("json_log")
    with serving(folder, "--log-format", "json", env={"FAKEKIT_SEDE": "1"}) as running:
        for target, key in (
            ("/api/v1/customers/1", b"fk_demo"),
            ("/api/v1/customers/1", b"fk_demo"),
            ("/api/v1/customers/51?secret=x", b"fk_demo"),
            ("/api/v1/customers/1", b"fk_demo~fail=503"),
        ):
            ask(running.port, target, b"Bearer " + key)
        send(running.port, b"nonsense\r\n\r\n")
        _, log = running.end()
    return [json.loads(line) for line in log.splitlines()]


def of_requests(lines: list[Line]) -> list[Line]:
    return [line for line in lines if "number" in line]


def test_the_line_of_a_request_has_its_fields_first_and_its_text_last(lines: list[Line]) -> None:
    first, *_ = of_requests(lines)
    assert list(first)[-2:] == ["milliseconds", "text"]
    assert 0 < first.pop("milliseconds") < 1000 * PATIENCE
    assert first.pop("time").endswith("+00:00")
    text = re.sub(r" [0-9.]+ms ", " ?ms ", first.pop("text"))
    assert text == "#1 GET /api/v1/customers/1 200 ?ms documented"
    assert list(first.items()) == [
        ("level", "info"),
        ("number", 1),
        ("method", "GET"),
        ("path", "/api/v1/customers/1"),
        ("status", 200),
        ("truth", "documented"),
        ("note", ""),
        ("fault", ""),
    ]


def test_a_remembered_response_has_a_line_of_its_own(lines: list[Line]) -> None:
    _, again, *_ = of_requests(lines)
    assert (again["number"], again["path"], again["status"]) == (2, "/api/v1/customers/1", 200)


def test_notes_and_faults_are_fields_and_a_query_is_hidden(lines: list[Line]) -> None:
    _, _, missing, failed = of_requests(lines)
    assert (missing["path"], missing["status"]) == ("/api/v1/customers/51?...", 404)
    assert missing["note"].startswith("the population ends at 50")
    assert (failed["status"], failed["truth"], failed["fault"]) == (503, "assumed", "fail=503")
    assert failed["text"].endswith(" assumed (fine): [fail=503]")


def test_warnings_and_other_messages_are_objects_with_a_text(lines: list[Line]) -> None:
    others = [(line["level"], line["text"]) for line in lines if "number" not in line]
    assert others == [
        ("warning", "FAKEKIT_SEDE: is not a variable that fakekit reads; write FAKEKIT_SEED"),
        ("info", "- malformed request 400 standard: not HTTP/1.1, or too long (https:// to http://?)"),
    ]


def test_another_format_is_refused() -> None:
    done = cli("serve", "--log-format", "xml")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: --log-format: must be one of text, json; found 'xml'\n"


def test_dropped_lines_are_counted_in_an_object() -> None:
    stream = BrokenStream()
    handler = LineHandler(stream, log_format="json")
    handler.handle(logging.makeLogRecord({"msg": "one", "levelno": logging.INFO, "levelname": "INFO"}))
    handler.flush()
    stream.broken = False
    handler.handle(logging.makeLogRecord({"msg": "two", "levelno": logging.ERROR, "levelname": "ERROR"}))
    handler.flush()
    written = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [(line["level"], line["text"]) for line in written] == [
        ("error", "two"),
        ("warning", "1 lines of the log were dropped: nobody read them in time"),
    ]


@pytest.mark.slow
def test_an_app_under_another_server_reads_the_format_from_the_environment(tmp_path: Path) -> None:
    code = "import fakekit; fakekit.create_app().test_client().get('/api/v1/customers/1')"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=clean_environment() | {"FAKEKIT_LOG_FORMAT": "json", "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    (line,) = [json.loads(line) for line in done.stderr.splitlines()]
    assert (line["path"], line["status"]) == ("/api/v1/customers/1", 401)


def test_a_line_is_json_where_stderr_has_another_encoding() -> None:
    code = "import logging, fakekit.server.log_writer as w; w.log_to_stderr('json'); logging.getLogger('fakekit').warning('caf\\xe9')"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=clean_environment() | {"PYTHONIOENCODING": "ascii"},
        capture_output=True,
        timeout=300,
    )
    assert json.loads(done.stderr)["text"] == "caf\xe9"
