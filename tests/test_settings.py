"""Settings: one table, four ways to say them, one order of precedence."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.commands import cli, cli_process
from tests.helpers.processes import clean_environment, serving
from tests.helpers.raw_http import ask


def served_seed(folder: Path, *options: str, env: dict[str, str] | None = None) -> object:
    with serving(folder, *options, env=env) as running:
        health = ask(running.port, "/_fakekit/health").json()
        assert isinstance(health, dict)
        return health["seed"]


@pytest.mark.slow
def test_flag_beats_variable_beats_pyproject_beats_default(tmp_path: Path) -> None:
    assert served_seed(tmp_path) == 1
    (tmp_path / "pyproject.toml").write_text("[tool.fakekit]\nseed = 2\n")
    assert served_seed(tmp_path) == 2
    assert served_seed(tmp_path, env={"FAKEKIT_SEED": "3"}) == 3
    assert served_seed(tmp_path, "--seed", "4", env={"FAKEKIT_SEED": "3"}) == 4


def test_fixtures_in_pyproject_are_meant_from_where_it_stands(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "w.yaml").write_text("population: 3\n")
    (tmp_path / "pyproject.toml").write_text('[tool.fakekit]\nfixtures = ["data/w.yaml"]\n')
    below = tmp_path / "below"
    below.mkdir()
    with serving(below) as running:
        assert ask(running.port, "/api/v1/customers/3").status == 200
        assert ask(running.port, "/api/v1/customers/4").status == 404


def test_fixtures_in_a_variable_are_separated_as_paths_are(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text("population: 3\n" if name == "b" else "population: 9\n")
    with serving(tmp_path, env={"FAKEKIT_FIXTURES": "a.yaml:b.yaml"}) as running:
        assert ask(running.port, "/api/v1/customers/4").status == 404


def test_unknown_names_are_warned_of_with_the_nearest(tmp_path: Path) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_text("[tool.fakekit]\nsede = 2\nmax-accounts = 5\n")
    (tmp_path / "w.yaml").write_text("population: 3\n")
    done = cli("check", "w.yaml", cwd=tmp_path, env={"FAKEKIT_SEDE": "1", "FAKEKIT_STRICTLY": "1"})
    assert done.returncode == 0
    assert done.stderr.splitlines() == [
        "warning: FAKEKIT_SEDE: is not a variable that fakekit reads; write FAKEKIT_SEED",
        "warning: FAKEKIT_STRICTLY: is not a variable that fakekit reads; write FAKEKIT_STRICT",
        f"warning: {file}: tool.fakekit.sede: is not a setting; write seed",
    ]


def test_an_unknown_option_names_the_nearest() -> None:
    done = cli("serve", "--sede", "1")
    assert done.returncode == 2
    assert "No such option" in done.stderr
    assert "--seed" in done.stderr


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("serv", "Error: No such command 'serv'. Did you mean 'serve'?"),
        ("chekc", "Error: No such command 'chekc'. Did you mean 'check'?"),
        ("zzz", "Error: No such command 'zzz'."),
    ],
)
def test_an_unknown_command_names_the_nearest(command: str, message: str) -> None:
    done = cli(command)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (2, message)


@pytest.mark.parametrize(
    ("options", "env", "message"),
    [
        (["--seed", "x"], {}, "error: --seed: must be a whole number from"),
        (
            ["--customers", "1000001"],
            {},
            "error: --customers: must be a whole number from 0 to 1,000,000; found '1000001'",
        ),
        (["--port", "\u0664\u0663"], {}, "error: --port: must be a whole number"),
        (["--port", "70000"], {}, "error: --port: must be a whole number from 0 to 65,535; found '70000'"),
        ([], {"FAKEKIT_CUSTOMERS": "-1"}, "error: FAKEKIT_CUSTOMERS: must be a whole number"),
        ([], {"FAKEKIT_STRICT": "maybe"}, "error: FAKEKIT_STRICT: must be true or false; found 'maybe'"),
        (["--host", " "], {}, "error: --host: must be some text"),
    ],
)
def test_values_that_cannot_be_used_are_told(options: list[str], env: dict[str, str], message: str) -> None:
    done = cli("serve", "--port", "0", *options, env=env)
    assert done.returncode == 2
    assert done.stderr.startswith(message)


def test_values_in_pyproject_that_cannot_be_used_are_told_with_the_file(tmp_path: Path) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_text('[tool.fakekit]\nstrict = "maybe"\n')
    done = cli("serve", "--port", "0", cwd=tmp_path)
    assert done.stderr == f"error: {file}: tool.fakekit.strict: must be true or false; found 'maybe'\n"
    for text in ("tool = 3", "[tool]\nfakekit = 3", '[tool]\nfakekit = ["x"]'):
        file.write_text(text)
        done = cli("check", "nothing.yaml", cwd=tmp_path)
        assert "Traceback" not in done.stderr
        assert ("tool.fakekit: must be a table" in done.stderr) == ("fakekit" in text)
    file.write_text("[tool.fakekit\n")
    assert f"error: {file}: cannot be read: " in cli("serve", cwd=tmp_path).stderr


def test_create_app_reads_the_environment(tmp_path: Path) -> None:
    done = cli_process(env={"FAKEKIT_SEED": "x"}, cwd=tmp_path)
    assert done.returncode in (0, 2)  # help, whatever the environment holds
    import subprocess
    import sys

    code = "import fakekit; print(fakekit.create_app().extensions['fakekit'].accounts.world.seed)"
    out = subprocess.run(
        [sys.executable, "-c", code],
        env=clean_environment() | {"FAKEKIT_SEED": "77"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert out == "77\n"


def test_settings_of_names_the_nearest_keyword() -> None:
    import fakekit

    with pytest.raises(fakekit.SettingsError, match="custommers: is not a setting; write customers"):
        fakekit.Settings.of(custommers=1)
