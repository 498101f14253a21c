"""``fakekit wait`` without an argument asks the server that the settings mean, as the image's health check does."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.commands import cli
from tests.helpers.processes import Server, free_port, serving, wait_until
from tests.helpers.project import ROOT


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("server")) as running:
        yield running


LISTENING = {
    "the default": ({}, "127.0.0.1"),
    "every IPv4 address": ({"FAKEKIT_HOST": "0.0.0.0"}, "127.0.0.1"),
    "localhost": ({"FAKEKIT_HOST": "localhost"}, "localhost"),
}


@pytest.mark.parametrize(("env", "host"), LISTENING.values(), ids=LISTENING)
def test_it_asks_where_the_settings_say_that_it_listens(
    running: Server, tmp_path: Path, env: dict[str, str], host: str
) -> None:
    done = cli("wait", env=env | {"FAKEKIT_PORT": str(running.port)}, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, f"http://{host}:{running.port}/api/v1\n")
    nobody = free_port()
    done = cli("wait", "--timeout", "0", env=env | {"FAKEKIT_PORT": str(nobody)}, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: http://{host}:{nobody}: no answer")


def test_it_asks_over_tls_where_that_is_set(tmp_path: Path) -> None:
    with serving(tmp_path, "--tls") as running:
        there = {"FAKEKIT_PORT": str(running.port), "FAKEKIT_TLS": "true"}
        done = cli("wait", env=there, cwd=tmp_path)
        assert (done.returncode, done.stdout) == (0, f"https://127.0.0.1:{running.port}/api/v1\n")


def test_it_reads_the_project_as_serve_does(running: Server, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(f"[tool.fakekit]\nport = {running.port}\n")
    assert cli("wait", cwd=tmp_path).stdout == f"http://127.0.0.1:{running.port}/api/v1\n"


def test_it_reads_the_ready_file_where_one_is_set(running: Server, tmp_path: Path) -> None:
    (tmp_path / "ready").write_text(json.dumps(running.ready))  # of any name
    there = {"FAKEKIT_READY_FILE": str(tmp_path / "ready"), "FAKEKIT_PORT": "0"}
    assert cli("wait", env=there, cwd=tmp_path).stdout == f"{running.origin}/api/v1\n"


def test_a_free_port_cannot_be_known() -> None:
    done = cli("wait", "--timeout", "0", env={"FAKEKIT_PORT": "0"})
    assert (done.returncode, done.stderr) == (
        2,
        "error: FAKEKIT_PORT: is 0, which means a free port, so the port is not known here; found 0; write "
        "FAKEKIT_READY_FILE for both commands, or fakekit wait URL\n",
    )


def test_the_setting_that_is_wrong_is_named() -> None:
    done = cli("wait", "--timeout", "0", env={"FAKEKIT_PORT": "abc"})
    assert (done.returncode, done.stderr) == (
        2,
        "error: FAKEKIT_PORT: must be a whole number from 0 to 65,535; found 'abc'\n",
    )
    assert (
        cli("wait", f"127.0.0.1:{free_port()}", "--timeout", "0", env={"FAKEKIT_PORT": "abc"}).returncode == 1
    )


def test_the_real_service_is_not_asked_either() -> None:
    done = cli("wait", "--timeout", "0", env={"FAKEKIT_HOST": "api.xtrakit.com"})
    assert done.returncode == 2
    assert "FAKEKIT_HOST: is the real service, which fakekit never calls" in done.stderr


def instruction(name: str) -> list[str]:
    """The exec form behind the last of an instruction in the Dockerfile."""
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    command: list[str] = json.loads(re.findall(rf"^{name}\b.*?(\[.*\])$", text, re.M)[-1])
    return command


@pytest.mark.parametrize("how", ["another port", "IPv6"])
def test_the_images_health_check_asks_where_its_command_listens(tmp_path: Path, how: str) -> None:
    """Both read the same settings: what a user sets with ``-e`` wins over what the image sets."""
    text = (ROOT / "Dockerfile").read_text()
    image = dict(re.findall(r"\b(FAKEKIT_\w+)=(\S+)", text))
    assert image == {"FAKEKIT_HOST": "0.0.0.0"}
    port = str(free_port())
    more = {"another port": {}, "IPv6": {"FAKEKIT_HOST": "::"}}[how]
    env = image | {"FAKEKIT_PORT": port} | more
    assert instruction("CMD") == ["fakekit", "serve"]
    health = instruction("HEALTHCHECK")
    assert health[0] == "fakekit"
    done = cli(*health[1:], env=env, cwd=tmp_path)
    assert done.returncode == 1
    with serving(tmp_path, "--port", port, env=env):
        wait_until(lambda: cli(*health[1:], env=env, cwd=tmp_path).returncode == 0)


def test_the_image_compiles_files_so_that_a_copy_with_other_times_is_not_stale() -> None:
    text = (ROOT / "Dockerfile").read_text()
    assert "compileall -q --invalidation-mode unchecked-hash" in text
