"""``fakekit serve --tls``: HTTPS with a certificate of its run."""

from __future__ import annotations

import http.client
import json
import signal
import ssl
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.helpers.commands import cli
from tests.helpers.processes import PATIENCE, Server, serving
from tests.helpers.raw_http import ask
from tests.helpers.secrets_in_requests import SECRET


@dataclass
class Https:
    """A server that serves HTTPS, and the folder with its ready file."""

    running: Server
    folder: Path


def opened(running: Server, folder: Path, name: str = "127.0.0.1") -> http.client.HTTPSConnection:
    certificate = json.loads((folder / "ready.json").read_text())["certificate"]
    context = ssl.create_default_context(cafile=certificate)
    return http.client.HTTPSConnection(name, running.port, context=context, timeout=PATIENCE)


@pytest.fixture(scope="module", params=["alone", pytest.param("gunicorn", marks=pytest.mark.slow)])
def https(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Https]:
    folder = tmp_path_factory.mktemp("https")
    with serving(folder, "--tls", "--server", request.param) as running:
        yield Https(running, folder)


def test_the_ready_file_has_the_url_and_the_certificate_without_its_key(https: Https) -> None:
    told = json.loads((https.folder / "ready.json").read_text())
    assert told["url"] == f"https://127.0.0.1:{https.running.port}"
    assert [file.name for file in Path(told["certificate"]).parent.iterdir()] == ["ca.pem"]
    assert b"PRIVATE" not in Path(told["certificate"]).read_bytes()


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_it_serves_https(https: Https, name: str) -> None:
    with closing(opened(https.running, https.folder, name)) as client:
        for _ in range(2):
            client.request("GET", "/api/v1/customers/1", headers={"Authorization": "Bearer fk_demo"})
            assert json.load(client.getresponse())["data"]["customer"]["customer_name"] == "Jane Doe"


def test_the_same_port_serves_plain_http_for_a_health_check(https: Https) -> None:
    assert ask(https.running.port, "/api/v1/customers/1").status == 200


def test_wait_prints_the_https_url(https: Https) -> None:
    printed = cli("wait", str(https.folder / "ready.json")).stdout
    assert printed == f"https://127.0.0.1:{https.running.port}/api/v1\n"


def test_the_commands_on_an_account_trust_the_certificate_that_they_are_told(https: Https) -> None:
    ready = https.folder / "ready.json"
    done = cli("fault", "list", "--url", str(ready))
    assert done.returncode == 2
    assert (
        "set SSL_CERT_FILE to the file with the certificate that fakekit serve --tls printed" in done.stderr
    )
    trusted = {"SSL_CERT_FILE": json.loads(ready.read_text())["certificate"]}
    assert cli("fault", "list", "--url", str(ready), env=trusted).returncode == 0


@pytest.mark.parametrize("server", ["gunicorn", pytest.param("alone", marks=pytest.mark.slow)])
def test_it_says_how_to_trust_it_logs_no_key_and_leaves_no_certificate(server: str, tmp_path: Path) -> None:
    with serving(tmp_path, "--tls", "--server", server) as running:
        told = json.loads((tmp_path / "ready.json").read_text())
        folder = Path(told["certificate"]).parent
        with closing(opened(running, tmp_path)) as client:
            client.request("GET", "/api/v1/customers/1", headers={"Authorization": f"Bearer {SECRET}"})
            assert client.getresponse().status == 401  # as it came
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
