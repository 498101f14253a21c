"""Pages of the docs that show how a suite is written: their files in a folder, their commands run there."""

from __future__ import annotations

import re
from pathlib import Path

from tests.helpers.commands import paste
from tests.helpers.project import ROOT, blocks

FILE_NAME = re.compile(r"(?:# |// |<\?php // )(\S+\.(?:py|mjs|js|php))\n")
LANGUAGES = ("python", "js", "php")


def page_blocks(page: str, language: str) -> list[str]:
    """The blocks of a page of docs/ in one language."""
    return blocks((ROOT / "docs" / page).read_text("utf-8"), language)


def pytest_variables(options: str = "") -> dict[str, str]:
    """Variables by which pytest loads fakekit's plugin and no other that is installed, with further options."""
    return {
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTEST_ADDOPTS": f"-p fakekit.pytest_plugin -p no:cacheprovider -W error {options}",
    }


def run_page(page: str, folder: Path, options: str = "") -> list[str]:
    """What each command of a page prints, on both streams; its files are in the folder.

    A block whose first line is a comment with a file's name is this file. options: of pytest, as `-p` for a plugin.
    """
    for block in (block for language in LANGUAGES for block in page_blocks(page, language)):
        named = FILE_NAME.match(block)
        assert named, f"{page} has a block without the name of its file:\n{block}"
        (folder / named[1]).parent.mkdir(parents=True, exist_ok=True)
        (folder / named[1]).write_text(block, "utf-8")
    commands = page_blocks(page, "sh")
    return [paste(f"exec 2>&1\n{command}", folder, env=pytest_variables(options)) for command in commands]
