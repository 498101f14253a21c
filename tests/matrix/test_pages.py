"""The page on Django: its files are written to a folder, its commands run there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "django.md"


def test_django(tmp_path: Path) -> None:
    text = PAGE.read_text("utf-8")
    for block in re.findall(r"^```python\n(.*?)^```$", text, re.S | re.M):
        file = tmp_path / block.partition("\n")[0].removeprefix("# ")
        file.parent.mkdir(exist_ok=True)
        file.write_text(block, "utf-8")
    printed = [run(block, tmp_path) for block in re.findall(r"^```sh\n(.*?)^```$", text, re.S | re.M)]
    assert ["Ran 2 tests" in printed[0], "2 passed" in printed[1]] == [True, True]


def run(block: str, folder: Path) -> str:
    """Run a block of shell in a folder, with no other plugin than the two; what it prints on both streams."""
    plugins = {
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTEST_ADDOPTS": "-p fakekit.pytest_plugin -p pytest_django.plugin",
    }
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euc", block],
        cwd=folder,
        env={**os.environ, **plugins, "PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout
