"""Settings that a command does not read, or that are not meant for fakekit at all, do not stop it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fakekit.errors import SettingsError
from fakekit.settings import Settings
from tests.helpers.commands import cli
from tests.helpers.processes import clean_environment, serving
from tests.helpers.project import ROOT
from tests.helpers.raw_http import ask

KUBERNETES = {
    "FAKEKIT_PORT": "tcp://10.43.0.7:4310",
    "FAKEKIT_SERVICE_HOST": "10.43.0.7",
    "FAKEKIT_SERVICE_PORT": "4310",
    "FAKEKIT_SERVICE_PORT_HTTP": "4310",
    "FAKEKIT_PORT_4310_TCP": "tcp://10.43.0.7:4310",
    "FAKEKIT_PORT_4310_TCP_PROTO": "tcp",
    "FAKEKIT_PORT_4310_TCP_PORT": "4310",
    "FAKEKIT_PORT_4310_TCP_ADDR": "10.43.0.7",
    # of a second Service, fakekit-api
    "FAKEKIT_API_SERVICE_HOST": "10.43.0.8",
    "FAKEKIT_API_SERVICE_PORT": "80",
    "FAKEKIT_API_PORT": "tcp://10.43.0.8:80",
    "FAKEKIT_API_PORT_80_TCP": "tcp://10.43.0.8:80",
    "FAKEKIT_API_PORT_80_TCP_ADDR": "10.43.0.8",
}
"""What Kubernetes puts into every pod of a namespace with a Service named fakekit (and one fakekit-api)."""

SHOP = str(ROOT / "fixtures" / "demo")


def test_what_kubernetes_injects_is_ignored_with_one_line() -> None:
    done = cli("check", SHOP, env=KUBERNETES)
    assert done.returncode == 0
    assert done.stderr == (
        "warning: FAKEKIT_API_PORT, FAKEKIT_API_PORT_80_TCP and 11 more: ignored, since it looks like what "
        "Kubernetes sets for a Service (a URL, or a name such as FAKEKIT_SERVICE_HOST); write "
        "enableServiceLinks: false in the pod's spec, and it is gone\n"
    )


@pytest.mark.slow
def test_a_server_beside_a_service_of_its_name_serves(tmp_path: Path) -> None:
    with serving(tmp_path, env=KUBERNETES | {"FAKEKIT_SEED": "3"}) as running:
        assert ask(running.port, "/api/v1/customers/1").status == 200
        health = ask(running.port, "/_fakekit/health").json()
        assert isinstance(health, dict)
        assert health["seed"] == 3
        _, log = running.end()
    assert log.count("warning: ") == 1


SUITE = """
def test_it(xtrakit):
    assert xtrakit.customer(1)["customer_name"] == "Jane Doe"
"""


@pytest.mark.slow
def test_a_test_suite_beside_a_service_of_its_name_passes(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(SUITE)
    result = run_pytest(pytester, KUBERNETES)
    assert result.returncode == 0, result.stdout
    assert result.stdout.count("Kubernetes sets for a Service") == 1


def run_pytest(pytester: pytest.Pytester, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    options = ["-p", "no:cacheprovider", "-p", "no:asyncio", "-p", "no:schemathesis", "-p", "no:randomly"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options],
        capture_output=True,
        text=True,
        timeout=300,
        cwd=pytester.path,
        env=clean_environment() | env,
        check=False,
    )


@pytest.mark.slow
def test_the_plugin_does_not_read_how_a_server_of_its_own_is_started(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(SUITE)
    wrong = {
        "PORT": "abc",
        "HOST": "http://x",
        "SERVER": "apache",
        "TLS": "maybe",
        "EXIT_WITH_PARENT": "maybe",
    }
    result = run_pytest(pytester, {f"FAKEKIT_{name}": value for name, value in wrong.items()})
    assert result.returncode == 0, result.stdout


@pytest.mark.slow
def test_the_plugin_says_which_setting_of_the_world_it_cannot_use(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(SUITE)
    result = run_pytest(pytester, {"FAKEKIT_SEED": "abc"})
    assert result.returncode == 1
    assert "FAKEKIT_SEED: must be a whole number" in result.stdout


COMMANDS = {
    "check": ["check", SHOP],
    "schema": ["schema"],
    "personas": ["personas"],
    "endpoints": ["endpoints"],
    "openapi": ["openapi"],
    "generate": ["generate", "--customers", "1"],
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_a_command_does_not_fail_on_a_variable_that_it_does_not_read(command: list[str]) -> None:
    assert cli(*command, env={"FAKEKIT_PORT": "abc", "FAKEKIT_MAX_ACCOUNTS": "none"}).returncode == 0


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_nor_on_a_key_of_the_project(command: list[str], tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.fakekit]\nport = "abc"\nserver = 1\n')
    assert cli(*command, cwd=tmp_path).returncode == 0


def test_what_the_command_line_overrides_is_not_read(tmp_path: Path) -> None:
    with serving(tmp_path, env={"FAKEKIT_PORT": "abc"}) as running:  # it is started with --port 0
        assert ask(running.port, "/api/v1/customers/1").status == 200


def test_what_a_variable_overrides_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.fakekit]\nseed = "abc"\n')
    assert Settings.read({}, {"FAKEKIT_SEED": "3"}, tmp_path).seed == 3
    with pytest.raises(SettingsError, match=r"tool\.fakekit\.seed: must be a whole number"):
        Settings.read({}, {}, tmp_path)


def test_a_command_still_fails_on_what_it_reads() -> None:
    done = cli("check", SHOP, env={"FAKEKIT_CUSTOMERS": "abc"})
    assert (done.returncode, done.stderr) == (
        2,
        "error: FAKEKIT_CUSTOMERS: must be a whole number from 0 to 1,000,000; found 'abc'\n",
    )


def test_create_app_reads_what_concerns_the_app(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import fakekit

    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("FAKEKIT_")]:
        monkeypatch.delenv(name)
    for name, value in {**KUBERNETES, "FAKEKIT_SERVER": "apache", "FAKEKIT_TLS": "maybe"}.items():
        monkeypatch.setenv(name, value)
    assert fakekit.create_app().extensions["fakekit-token"] == ""
    monkeypatch.setenv("FAKEKIT_HOST", "0.0.0.0")
    monkeypatch.setenv("FAKEKIT_CONTROL_TOKEN", "tcp://a-token")
    assert fakekit.create_app().extensions["fakekit-token"] == "tcp://a-token"


def test_values_that_may_hold_a_url_are_read(tmp_path: Path) -> None:
    fault = '{"fault": "respond", "path": "stores", "json": {"url": "http://x"}}'
    read = Settings.read({}, {"FAKEKIT_FAULTS": fault}, tmp_path)
    assert read.faults == (fault,)
    assert read.warnings == ()


def test_a_url_that_somebody_writes_on_the_command_line_or_in_the_project_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="--port: must be a whole number"):
        Settings.read({"port": "tcp://10.43.0.7:4310"}, {}, tmp_path)
    (tmp_path / "pyproject.toml").write_text('[tool.fakekit]\nport = "tcp://10.43.0.7:4310"\n')
    with pytest.raises(SettingsError, match=r"tool\.fakekit\.port: must be a whole number"):
        Settings.read({}, {}, tmp_path)


def test_a_variable_that_is_misspelt_is_still_told(tmp_path: Path) -> None:
    (warning,) = Settings.read({}, {"FAKEKIT_SED": "1"}, tmp_path).warnings
    assert str(warning) == "FAKEKIT_SED: is not a variable that fakekit reads; write FAKEKIT_SEED"
