"""docs/scale.md names what there is: settings, ports, paths, extras. `make scale` runs its commands."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from fakekit.settings.table import TABLE
from tests.helpers.project import ROOT, blocks

PAGE = (ROOT / "docs" / "scale.md").read_text("utf-8")
HAPROXY = shutil.which("haproxy", path="/usr/sbin:/usr/bin:/usr/local/sbin")


def test_the_compose_file_has_settings_and_an_image_that_there_are() -> None:
    (block,) = blocks(PAGE, "yaml")
    services = yaml.safe_load(block)["services"]
    assert services["one"] == services["two"]
    replica = services["one"]
    assert replica["environment"].keys() <= {setting.variable for setting in TABLE}
    assert replica["environment"]["FAKEKIT_STATE"].startswith("postgresql://fakekit:${")
    assert services["database"]["environment"]["POSTGRES_DB"] == "fakekit"
    (argument,) = replica["build"]["args"]
    assert f"ARG {argument}=" in (ROOT / "Dockerfile").read_text()
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert replica["build"]["args"][argument].strip("[]") in extras


def test_the_proxy_asks_the_replicas_that_the_commands_start() -> None:
    (config,) = blocks(PAGE, "haproxy")
    (commands,) = blocks(PAGE, "sh")
    served = [line for line in commands.splitlines() if line.startswith("fakekit serve")]
    ports = [shlex.split(line)[3] for line in served]
    assert re.findall(r"server \w+ 127\.0\.0\.1:(\d+)", config) == ports == ["4321", "4322"]
    assert "httpchk GET /_fakekit/health" in config
    (state,) = re.findall(r"FAKEKIT_STATE=(\S+)", commands)
    assert state == "postgresql://fakekit@127.0.0.1:4323/fakekit"


@pytest.mark.slow
@pytest.mark.skipif(HAPROXY is None, reason="`make scale` installs it")
def test_haproxy_accepts_the_configuration(tmp_path: Path) -> None:
    (config,) = blocks(PAGE, "haproxy")
    (tmp_path / "haproxy.cfg").write_text(config)
    done = subprocess.run(
        [str(HAPROXY), "-c", "-f", str(tmp_path / "haproxy.cfg")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "[WARNING]" not in done.stderr
