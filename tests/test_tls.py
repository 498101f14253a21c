"""``fakekit serve --tls``: HTTPS with a certificate of its run."""

from __future__ import annotations

import http.client
import json
import signal
import ssl
from contextlib import closing
from pathlib import Path

import pytest

from tests.helpers.commands import cli
from tests.helpers.processes import PATIENCE, Server, serving
from tests.helpers.raw_http import ask
from tests.helpers.secrets_in_requests import SECRET


def opened(running: Server, folder: Path, name: str = "127.0.0.1") -> http.client.HTTPSConnection:
    certificate = json.loads((folder / "ready.json").read_text())["certificate"]
    context = ssl.create_default_context(cafile=certificate)
    return http.client.HTTPSConnection(name, running.port, context=context, timeout=5)


@pytest.mark.parametrize("server", ["gunicorn", pytest.param("alone", marks=pytest.mark.slow)])
def test_it_serves_https_and_says_how_to_trust_it(server: str, tmp_path: Path) -> None:
    with serving(tmp_path, "--tls", "--server", server) as running:
        told = json.loads((tmp_path / "ready.json").read_text())
        assert told["url"] == f"https://127.0.0.1:{running.port}"
        folder = Path(told["certificate"]).parent
        assert [file.name for file in folder.iterdir()] == ["ca.pem"]
        assert b"PRIVATE" not in Path(told["certificate"]).read_bytes()
        for name in ("127.0.0.1", "localhost"):
            with closing(opened(running, tmp_path, name)) as client:
                for _ in range(2):
                    client.request("GET", "/api/v1/customers/1", headers={"Authorization": "Bearer fk_demo"})
                    assert json.load(client.getresponse())["data"]["customer"]["customer_name"] == "Jane Doe"
                client.request("GET", "/api/v1/customers/1", headers={"Authorization": f"Bearer {SECRET}"})
                assert client.getresponse().status == 401  # as it came
        assert ask(running.port, "/api/v1/customers/1").status == 200  # plain, for a health check
        assert (
            cli("wait", str(tmp_path / "ready.json")).stdout == f"https://127.0.0.1:{running.port}/api/v1\n"
        )
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(PATIENCE) == 0
        assert running.process.stdout
        assert running.process.stderr
        greeting, log = running.process.stdout.read().decode(), running.process.stderr.read().decode()
    assert f"\norigin    https://127.0.0.1:{running.port}\n" in greeting
    assert f"\ntrust     {told['certificate']} in CURL_CA_BUNDLE,\n" in greeting
    assert f"\ncurl --cacert {told['certificate']} \\\n  -H 'Authorization: Bearer fk_demo' \\\n" in greeting
    assert not folder.exists()
    assert "GET /api/v1/customers/1 401" in log
    assert SECRET not in log
