"""The token of the control API, and secrets that were pasted by mistake."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import requests

import fakekit
from tests.helpers.commands import cli
from tests.helpers.control_api import asking, problem
from tests.helpers.control_attacks import ROOT, granted
from tests.helpers.processes import ALONE, PATIENCE, serving
from tests.helpers.raw_http import port_of

GIVEN = "t0ken-given-Zm9vYmFy"


def tokens(origin: str, token: str) -> list[int]:
    """What a control request with this token is answered, and one without."""
    found = []
    for headers in ({"Fakekit-Control": token}, {}, {"Fakekit-Control": "1"}):
        found.append(requests.get(f"{origin}{ROOT}", headers=headers, timeout=PATIENCE).status_code)
    return found


@pytest.mark.parametrize("underneath", ["gunicorn", ALONE])
def test_a_token_is_made_up_and_printed_when_bound_wider(tmp_path: Path, underneath: str) -> None:
    with serving(tmp_path, "--host", "0.0.0.0", "--server", underneath) as server:
        health = requests.get(f"{server.origin}/_fakekit/health", timeout=PATIENCE)
        refused = requests.get(f"{server.origin}{ROOT}", headers={"Fakekit-Control": "1"}, timeout=PATIENCE)
        told = "Fakekit-Control: must be the control token of this server, which it printed when it started"
        assert problem(refused) == (403, "ControlError", told)
        first = b""
        assert server.process.stdout is not None
        while b"control token" not in first:
            first += server.process.stdout.readline()
        found = re.search(rb"^control token  ([\w-]{22})$", first, re.M)
        assert found
        token = found[1].decode()
        assert tokens(server.origin, token) == [200, 403, 403]
        xtrakit = fakekit.connect(server.origin, token=token)
        assert xtrakit.customer(1)["customer_name"] == "Jane Doe"
        assert token not in repr(xtrakit)
        assert token not in health.text
        out, err = server.end()
        assert token not in err
        assert token not in out


@pytest.mark.slow
def test_a_token_that_was_given_is_shown_nowhere(tmp_path: Path) -> None:
    env = {"FAKEKIT_CONTROL_TOKEN": GIVEN}
    with serving(tmp_path, "--host", "0.0.0.0", "--server", "alone", env=env) as server:
        assert tokens(server.origin, GIVEN) == [200, 403, 403]
        seen = []
        for wrong in ("", GIVEN[:-1], f"{GIVEN}x", GIVEN.upper(), GIVEN + "é", "秘密".encode(), b"\xff" * 9):
            headers: Any = {"Fakekit-Control": wrong}
            answer = requests.get(f"{server.origin}{ROOT}", headers=headers, timeout=PATIENCE)
            assert answer.status_code == 403, wrong
            seen.append(answer.text)
        seen.append(requests.get(f"{server.origin}/_fakekit/health", timeout=PATIENCE).text)
        seen.append(requests.get(f"{server.origin}/_fakekit/control.json", timeout=PATIENCE).text)
        preflight = requests.options(
            f"{server.origin}{ROOT}", headers={"Origin": "https://evil.com"}, timeout=PATIENCE
        )
        assert granted(preflight.headers) == []
        with pytest.raises(fakekit.ControlError) as told:
            fakekit.connect(server.origin, token=f"{GIVEN}x")
        seen += [str(told.value), repr(fakekit.connect(server.origin, token=GIVEN)), *server.end()]
    assert GIVEN not in "".join(seen)
    assert "control token " not in seen[-2]


def test_the_commands_on_an_account_have_the_token_from_the_settings(tmp_path: Path) -> None:
    with fakekit.FakeServer(host="0.0.0.0", control_token=GIVEN) as running:
        command = ("fault", "list", "--url", f"http://127.0.0.1:{port_of(running.origin)}")
        refused = cli(*command, cwd=tmp_path)
        assert (refused.returncode, "control token" in refused.stderr) == (2, True)
        assert cli(*command, cwd=tmp_path, env={"FAKEKIT_CONTROL_TOKEN": GIVEN}).returncode == 0
        (tmp_path / "pyproject.toml").write_text(f'[tool.fakekit]\ncontrol_token = "{GIVEN}"\n')
        assert cli(*command, cwd=tmp_path).returncode == 0
        wrong = cli(*command, cwd=tmp_path, env={"FAKEKIT_CONTROL_TOKEN": "\x07"})
        assert "error: FAKEKIT_CONTROL_TOKEN: must be printable text" in wrong.stderr


def test_a_token_is_in_no_repr_and_no_error() -> None:
    chosen = fakekit.Settings.of(host="0.0.0.0", port=0, control_token=GIVEN)
    server = fakekit.FakeServer(chosen)
    assert GIVEN not in f"{chosen!r} {server!r} {chosen}"
    for wrong in ("", "   ", 7):
        with pytest.raises(fakekit.SettingsError) as told:
            fakekit.Settings.of(control_token=wrong)
        assert "control_token" in str(told.value)
        assert "7" not in str(told.value)


# --- secrets -------------------------------------------------------------------------------------

CANARIES = ["sk-canary-Zm9vYmFy", "92857043717beff382ae75c8dc7514162f04", "xk_live_abcdEFGH1234"]


@pytest.mark.parametrize("underneath", ["gunicorn", ALONE])
def test_a_secret_that_was_pasted_is_not_echoed_or_logged(tmp_path: Path, underneath: str) -> None:
    with serving(tmp_path, "--server", underneath) as server, asking(server.origin) as fake:
        seen = []
        for secret in CANARIES:
            named: list[tuple[str, str, Any]] = [
                ("GET", f"/{secret}", None),
                ("DELETE", f"/{secret}/records/customers/1", None),
                ("GET", f"/fk_a/{secret}", None),
                ("GET", f"/fk_a/records/{secret}", None),
                ("GET", f"/fk_a/records/sales/{secret}", None),
                ("POST", f"/fk_a/snapshots/{secret}/restore", None),
                ("DELETE", f"/fk_a/faults/{secret}", None),
                ("GET", f"/fk_a/requests?path={secret}&{secret}=1", None),
                ("GET", f"/fk_a/requests?since={secret}", None),
                ("POST", "", {"key": secret}),
                ("POST", "", {secret: 1}),
                ("POST", "", {"seed": secret}),
                ("POST", "", {"assumptions": {secret: secret}}),
                ("POST", "", {"faults": [secret, f"fail={secret}"]}),
                ("POST", "", {"clock": {"freeze": secret}}),
                ("POST", "", {"fixtures": {secret: []}}),
                ("POST", "", {"fixtures": [{"name": secret, "text": secret}]}),
                ("PUT", "/fk_a/alias", {"alias": secret}),
                ("PUT", "/fk_a/clock", {secret: secret}),
                ("POST", "/fk_a/faults", {"fault": secret, secret: secret}),
                ("POST", "/fk_a/records/customers", {secret: secret, "customer_zip": [secret]}),
                ("POST", "/fk_a/records/customers", {"created_at": secret}),
                (secret.upper(), "/fk_a", None),
            ]
            for method, path, body in named:
                answer = fake.control(method, path, body, headers={"Authorization": f"Bearer {secret}"})
                assert answer.status_code >= 400, (method, path)
                seen.append(f"{answer.headers}{answer.text}")
            assert fake.control("GET", headers={"Fakekit-Control": secret}).status_code == 403
            seen.append(fake.control("GET").text + fake.control("GET", "/-/requests").text)
        seen += server.end()
    for secret in CANARIES:
        for place in seen:
            assert secret not in place
            assert secret.upper() not in place
