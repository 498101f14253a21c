"""Fixture files on disk: which files a path means, and their text.

They are read from the real file system, also where a test has put another one in its place.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePath

from fakekit.errors import FixtureError, Problem, nearest
from fakekit.unpatched import is_file, is_folder, list_folder, read_bytes, stat_of

SUFFIXES = (".yaml", ".yml", ".json")


def files_of(path: Path) -> list[Path]:
    """The file, or the fixture files of the folder: hidden ones and folders below are not looked at."""
    if is_folder(path):
        beside = [path / name for name in list_folder(path)]
        files = [p for p in beside if _is_fixture(p) and p.name[0] != "." and not is_folder(p)]
        if files:
            return files
        raise FixtureError(Problem(str(path), "is a folder without a fixture file", "", _ANY))
    if stat_of(path, follow=False) is None:
        names = list_folder(path.parent) if is_folder(path.parent) else []
        close = nearest(path.stem, [PurePath(name).stem for name in names])
        named = next((name for name in names if PurePath(name).stem == close), None)
        raise FixtureError(Problem(str(path), "does not exist", "", named or _ANY))
    if not _is_fixture(path):
        raise FixtureError(Problem(str(path), "is not a fixture file by its name", "", _ANY))
    return [path]


def _is_fixture(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES


_ANY = "the path of a .yaml, .yml or .json file"


def texts_of(paths: Iterable[Path]) -> list[tuple[str, str]]:
    """The names and texts of the fixture files that paths mean. Raises `FixtureError`."""
    return [(file.name, text_of(file)) for path in paths for file in files_of(path)]


def text_of(path: Path) -> str:
    """The text of a fixture file. Raises `FixtureError` for what is no file or not UTF-8."""
    if not is_file(path):
        what = "is a link to nothing" if stat_of(path) is None else "is not a regular file"
        raise FixtureError(Problem(str(path), what, "", _ANY))
    data = read_bytes(path)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        what = f"is not UTF-8 (byte {data[error.start]:#04x})"
        raise FixtureError(Problem(f"{path}:{line}", what, "", "the file in UTF-8")) from None
