"""A copy of the project, which a test changes."""

from __future__ import annotations

import subprocess
import sys
from contextlib import AbstractContextManager
from pathlib import Path

from tests.helpers.processes import Server, clean_environment, serving
from tests.helpers.project import copy_of_the_project

QUIET = [f"-pno:{plugin}" for plugin in ("faker", "asyncio", "schemathesis", "cacheprovider", "randomly")]
PYTEST = ("-m", "pytest", "-q", "-m", "not slow", *QUIET)
TOGETHER = "generated or heading or help_names"


class Project:
    """A copy of the project, in which a test changes one place."""

    def __init__(self, folder: Path) -> None:
        self.folder = copy_of_the_project(folder)
        self.env = clean_environment() | {"PYTHONPATH": str(folder)}

    def insert(self, file: str, before: str, text: str) -> None:
        """Put a text into a file, in front of a line that it has once."""
        path = self.folder / file
        content = path.read_text("utf-8")
        assert content.count(before) == 1, f"{file}: {before}"
        path.write_text(content.replace(before, text + before), "utf-8")

    def read(self, file: str) -> str:
        return (self.folder / file).read_text("utf-8")

    def run(self, *arguments: str) -> str:
        """What a Python program of the copy prints."""
        done = self._call(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def fail(self, *arguments: str) -> str:
        """What a Python program of the copy that fails prints to stderr."""
        done = self._call(*arguments)
        assert done.returncode != 0, done.stdout
        return done.stderr

    def _call(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    def serving(self, *options: str) -> AbstractContextManager[Server]:
        """The ``fakekit serve`` of the copy, running during a block."""
        return serving(self.folder, *options, env={"PYTHONPATH": str(self.folder)})

    def check(self, *tests: str, names: str = "test") -> None:
        """Write the generated pages; run tests of the copy, and those that hold its help and pages together.

        names: of the tests that are run, as an expression for ``-k``; by default all.
        """
        self.run("-m", "docs.make")
        self.run(
            *PYTEST,
            "tests/test_house.py",
            "tests/test_docs.py",
            "tests/test_project_pages.py",
            "-k",
            TOGETHER,
        )
        self.run(*PYTEST, *tests, "-k", names)
