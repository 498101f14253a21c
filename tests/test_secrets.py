"""A credential that is not fakekit's is never written anywhere, wherever in a request it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.processes import ALONE, serving
from tests.helpers.secrets_in_requests import CANARY, NAMED, everything_back, requests_with


@pytest.mark.parametrize("underneath", ["gunicorn", ALONE])
@pytest.mark.parametrize("secret", [CANARY, NAMED], ids=["real", "named"])
def test_a_canary_is_found_in_no_answer_and_no_output(tmp_path: Path, secret: bytes, underneath: str) -> None:
    with serving(tmp_path, "--server", underneath) as running:
        answers = {name: everything_back(running.port, data) for name, data in requests_with(secret).items()}
        out, err = running.end()
    small = secret[:18].lower()
    for name, answer in answers.items():
        assert small not in answer.lower(), name
        assert not answer.startswith(b"HTTP/1.1 500"), (name, answer)  # 501 is for an unknown coding
    assert small not in out.encode().lower()
    assert small not in err.encode().lower()
    assert "Traceback" not in err
    assert err.count("\n") >= len(answers) - 3  # the log was on: a line for each but what never was a request
    for file in tmp_path.iterdir():
        assert small not in file.read_bytes().lower()


def test_a_crash_is_logged_without_what_the_request_held(caplog: pytest.LogCaptureFixture) -> None:
    import fakekit

    app = fakekit.create_app(fakekit.Settings.of())

    def crashing(*_: object) -> None:
        raise KeyError("sk-canary-Zm9vYmFy")

    app.extensions["fakekit"].accounts.open = crashing
    answer = app.test_client().get("/api/v1/customers/1", headers={"Authorization": "Bearer fk_demo"})
    assert answer.status_code == 500
    assert answer.get_data() == b'{"status": 500, "error": "Internal Server Error"}\n'
    assert answer.headers["Fakekit-Assumed"] == "server.error"
    assert "fakekit failed with KeyError" in caplog.text
    assert "test_secrets.py" in caplog.text
    assert "canary" not in caplog.text
