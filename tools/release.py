"""Make a release: ``python tools/release.py 0.2.0``; ``--check`` only compares, as the release workflow does.

Refuses a working tree with changes, a version that is older, a tag that exists, and a changelog that says
nothing. Then it sets the version, gives what is unreleased in the changelog its number and date, commits
both and tags the commit. It pushes nothing: the tag is what publishes.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[1]
VERSION_FILE = Path("fakekit", "_version.py")
CHANGELOG = Path("CHANGELOG.md")
_VERSION = re.compile(r'^__version__ = "(\d+\.\d+\.\d+)"$', re.MULTILINE)
_SECTION = re.compile(r"^## (.+?)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)


class ReleaseError(Exception):
    """Why there can be no release."""


def git(folder: Path, *arguments: str) -> str:
    """Return what a git command prints. Raises `ReleaseError`, with its message, when it fails."""
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ReleaseError(f"git {arguments[0]}: {done.stderr.strip()}")
    return done.stdout.strip()


def read_version(folder: Path) -> str:
    """Return the version in the package. Raises `ReleaseError` when its file does not have one."""
    match = _VERSION.search((folder / VERSION_FILE).read_text("utf-8"))
    if match is None:
        raise ReleaseError(f"{VERSION_FILE} has no version")
    return match[1]


def read_changes(folder: Path, title: str) -> str:
    """Return what a section of the changelog says: that of a version, or ``Unreleased``.

    Raises `ReleaseError` when there is no such section, or it lists nothing.
    """
    sections = dict(_SECTION.findall((folder / CHANGELOG).read_text("utf-8")))
    text = next((body for name, body in sections.items() if name.split(" ")[0] == title), "")
    if not re.search(r"^- \S", text, re.MULTILINE):
        raise ReleaseError(f"{CHANGELOG} says nothing under {title}")
    return text.strip()


def check(folder: Path, version: str) -> None:
    """Raise `ReleaseError` unless the package and the changelog are those of a version."""
    if read_version(folder) != version:
        raise ReleaseError(f"{VERSION_FILE} has {read_version(folder)}, not {version}")
    read_changes(folder, version)


def _parts(version: str) -> list[int]:
    """Return the numbers of a version, which compare as versions do."""
    return [int(part) for part in version.split(".")]


def release(folder: Path, version: str, date: str) -> None:
    """Commit and tag a version. Raises `ReleaseError`, before anything is changed, where that cannot be.

    date: of the release, ``2026-11-27``.
    """
    if git(folder, "status", "--porcelain"):
        raise ReleaseError("the working tree has changes; commit or stash them")
    if not re.fullmatch(r"(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}", version):
        raise ReleaseError(f"{version} is not a version such as 0.2.0")
    if _parts(version) < _parts(read_version(folder)):
        raise ReleaseError(f"{version} is older than {read_version(folder)}")
    if git(folder, "tag", "--list", f"v{version}"):
        raise ReleaseError(f"the tag v{version} exists")
    read_changes(folder, "Unreleased")
    file, changelog = folder / VERSION_FILE, folder / CHANGELOG
    file.write_text(_VERSION.sub(f'__version__ = "{version}"', file.read_text("utf-8")), "utf-8")
    text = changelog.read_text("utf-8")
    heading = f"## Unreleased\n\n## {version} ({date})\n"
    changelog.write_text(text.replace("## Unreleased\n", heading, 1), "utf-8")
    git(folder, "commit", "-qm", f"Release {version}", "--", str(VERSION_FILE), str(CHANGELOG))
    git(folder, "tag", "-a", f"v{version}", "-m", f"fakekit {version}")


def main(folder: Path = ROOT) -> int:
    """Run the command line. Returns the exit code: 1 when there can be no release."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("version")
    parser.add_argument("--check", action="store_true", help="only compare version and changelog")
    chosen = parser.parse_args()
    try:
        if chosen.check:
            check(folder, chosen.version)
        else:
            release(folder, chosen.version, f"{datetime.now(UTC):%Y-%m-%d}")
            print(f"Tagged v{chosen.version}. To publish it: git push --follow-tags")
    except ReleaseError as error:
        print(f"no release: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
