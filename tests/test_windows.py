"""What differs on Windows and macOS, as far as it can be simulated here: modules, names of files, code pages, spawn."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from pathlib import Path
from unittest import mock

import pytest
import requests

from fakekit import Settings
from fakekit.cli import main
from tests.helpers.commands import cli, cli_process
from tests.helpers.pages import pytest_variables
from tests.helpers.processes import PATIENCE, clean_environment, serving
from tests.helpers.programs import PROGRAMS, program
from tests.helpers.project import ROOT

WINDOWS = {"PYTHONPATH": str(PROGRAMS / "windows"), "PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}
"""Variables of a process that lacks what Python on Windows lacks, and whose output is in a code page."""
DEMO = {"Authorization": "Bearer fk_demo"}


# --- names and lines of files ----------------------------------------------------------------------


def test_no_file_of_the_project_has_a_name_that_another_system_refuses_or_confuses() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    names = listed.stdout.rstrip("\0").split("\0")
    folders = {str(parent) for name in names for parent in Path(name).parents}
    folded = [name.casefold() for name in {*names, *folders}]
    assert sorted(folded) == sorted(set(folded))
    reserved = re.compile(r'(?i)(^|/)(con|prn|aux|nul|com\d|lpt\d)(\.|/|$)|[<>:"\\|?*]|[. ](/|$)')
    assert [name for name in names if reserved.search(name)] == []


GROUP = """
customer_groups:
  - id: 7
    group_name: Ama
    group_description: |
      one
      two
    created_at: 2024-08-04 08:23:45
    updated_at: 2024-08-04 08:23:45
"""


@pytest.mark.slow
def test_a_server_with_drive_letters_backslashes_and_windows_line_ends(tmp_path: Path) -> None:
    """On Linux these are names in a folder: what takes a drive for a scheme, or splits at a colon, fails."""
    shop, ready, state = (f"C:\\Users\\Ama\\{name}" for name in ("shop.YAML", "ready.json", "shop.db"))
    (tmp_path / shop).write_bytes(b"\xef\xbb\xbf" + GROUP.replace("\n", "\r\n").encode())
    (tmp_path / "pyproject.toml").write_bytes(b"[tool.fakekit]\r\nseed = 7\r\n")
    with serving(tmp_path, "--fixtures", shop, "--state", state, env=WINDOWS) as running:
        url = f"http://127.0.0.1:{running.port}"
        (tmp_path / "ready.json").rename(tmp_path / ready)
        waited = cli_process("wait", ready, cwd=tmp_path, env=WINDOWS)
        assert (waited.returncode, waited.stdout) == (0, f"{url}/api/v1\n")
        group = requests.get(f"{url}/api/v1/customer-groups/7", headers=DEMO, timeout=PATIENCE).json()[
            "data"
        ]["group"]
        assert group["group_description"] == "one\ntwo\n"
        for command in ("records customers", "requests", "fault add slow=1s", "fault list", "reset"):
            done = cli_process(*command.split(), "--url", ready, cwd=tmp_path, env=WINDOWS)
            assert (done.returncode, done.stderr) == (0, ""), command
        out, log = running.end()
    assert "seed      7, 50 customers, 1 from files\n" in out
    assert "GET /api/v1/customer-groups/7 200 " in log
    assert "Traceback" not in log
    assert (tmp_path / state).exists()


def test_paths_in_a_variable_are_split_as_on_the_system(tmp_path: Path) -> None:
    given = {"FAKEKIT_FIXTURES": "C:\\one.yaml;C:\\two.yaml"}
    with mock.patch("os.pathsep", ";"):
        settings = Settings.read({}, given, tmp_path)
    assert [str(path) for path in settings.fixtures] == ["C:\\one.yaml", "C:\\two.yaml"]


# --- a code page ----------------------------------------------------------------------------------


class Terminal(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("kind", "encoding", "name"), [(io.TextIOWrapper, "utf-8", "王秀英"), (Terminal, "cp1252", "???")]
)
def test_names_in_other_scripts_are_printed_whatever_the_code_page(
    kind: type[io.TextIOWrapper], encoding: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", kind(printed, encoding="cp1252"))
    with pytest.raises(SystemExit) as end:
        main(["generate", "--customers", "9"])
    sys.stdout.flush()
    assert end.value.code == 0
    assert f"customer_name: {name}\n" in printed.getvalue().decode(encoding)


# --- what Python lacks there ----------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "code", "error"),
    [
        ("--version", 0, ""),
        ("generate --customers 12 -o world.yaml", 0, ""),
        ("check world.yaml", 0, ""),
        ("personas", 0, ""),
        ("drift --self", 0, ""),
        ("exec -- python -c print(7)", 0, ""),
        ("serve --server gunicorn", 2, "error: --server: gunicorn does not run here; write --server alone\n"),
    ],
)
def test_commands(command: str, code: int, error: str, tmp_path: Path) -> None:
    if command.startswith("check"):
        cli_process("generate", "--customers", "12", "-o", "world.yaml", cwd=tmp_path)
    done = cli_process(*command.split(), cwd=tmp_path, env=WINDOWS)
    assert (done.returncode, done.stderr) == (code, error)


def test_isolation_by_the_kernel_is_refused_on_macos(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    done = cli("exec", "--isolated", "--", "true")
    assert done.returncode == 2
    assert done.stderr.startswith("error: --isolated: works on Linux only; found darwin; write fakekit exec ")


@pytest.mark.slow
@pytest.mark.parametrize("server", ["thread", "process"])
def test_a_suite_with_processes_that_are_spawned(server: str, tmp_path: Path) -> None:
    (tmp_path / "test_suite.py").write_text(program("spawned_suite.py"), "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--fakekit-server", server],
        cwd=tmp_path,
        env=clean_environment() | WINDOWS | pytest_variables(),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert "3 passed, 1 failed" in done.stdout or "1 failed, 3 passed" in done.stdout, done.stdout
    assert "in fetch: app.xtrakit.com, stopped before its name was looked up" in done.stdout
    assert "fakekit: the run went on without" not in done.stdout


@pytest.mark.slow
def test_gunicorn_without_shared_memory(tmp_path: Path) -> None:
    """As on macOS, which has no /dev/shm."""
    code = "import fakekit.server.process as p; p.SHARED_MEMORY = '/dev/no-shm'; from fakekit.cli import main; main()"
    command = [sys.executable, "-c", code, "serve", "--server", "gunicorn"]
    with serving(tmp_path, command=command) as running:
        answer = requests.get(
            f"http://127.0.0.1:{running.port}/api/v1/customers/1", headers=DEMO, timeout=PATIENCE
        )
        assert answer.status_code == 200
