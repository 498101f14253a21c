"""Programs that tests run stand in files of ``tests/programs/``."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.project import ROOT

PROGRAMS = ROOT / "tests" / "programs"
PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
"""Where tests look for programs: beside this Python first."""


def program(name: str) -> str:
    """The text of a program."""
    return (PROGRAMS / name).read_text("utf-8")


def require(*names: str) -> None:
    """Fail the test where one of these programs is not on the `PATH`; `make clients` installs each."""
    missing = [name for name in names if not shutil.which(name, path=PATH)]
    if missing:
        pytest.fail(f"{', '.join(missing)}: not on the PATH; run `make clients`")


def compile_programs(folder: Path) -> None:
    """Compile `fetch.go` and `fetch.rs` to `fetch-go` and `fetch-rust` in a folder, without a network.

    Go compiles its library, too, for half a minute; what it made of it stays in the virtual environment.
    """
    require("go", "rustc")
    offline = {"GOPROXY": "off", "GOTOOLCHAIN": "local", "CGO_ENABLED": "0", "HOME": str(folder)}
    cache = {"GOCACHE": str(Path(sys.prefix) / "go-build")}
    options = ["-gcflags=all=-N -l", "-ldflags=-s -w"]  # without optimization it takes two thirds of the time
    subprocess.run(
        [
            str(shutil.which("go", path=PATH)),
            "build",
            *options,
            "-o",
            str(folder / "fetch-go"),
            str(PROGRAMS / "fetch.go"),
        ],
        env={**os.environ, **offline, **cache},
        check=True,
        timeout=300,
    )
    subprocess.run(["rustc", "-o", str(folder / "fetch-rust"), str(PROGRAMS / "fetch.rs")], check=True)
