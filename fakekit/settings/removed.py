"""Settings of earlier versions, and what does the same now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from fakekit.errors import Problem
from fakekit.settings.environment import PREFIX

REMOVED = ("changes",)
"""Their names. ``changes`` was a fixture file to which the changes of ``fk_demo`` were written."""
REMOVED_VARIABLES = tuple(PREFIX + name.upper() for name in REMOVED)


def find_removed(
    arguments: Mapping[str, object], environ: Mapping[str, str], file: Path, keys: Mapping[str, object]
) -> Iterator[Problem]:
    """Yield what to say of each setting of earlier versions that is set; nothing where none is.

    arguments, environ, file, keys: as for `Settings.read`, the last of ``[tool.fakekit]`` in the file.
    """
    for name, variable in zip(REMOVED, REMOVED_VARIABLES, strict=True):
        if arguments.get(name) is not None:
            yield _replaced_by_state(f"--{name}", "--state FILE", "--fixtures OLD-FILE")
        if environ.get(variable, "").strip():
            yield _replaced_by_state(variable, "FAKEKIT_STATE=FILE", "FAKEKIT_FIXTURES=OLD-FILE")
        if name in keys:
            where = f"{file}: tool.fakekit.{name}"
            yield _replaced_by_state(where, 'state = "FILE"', 'fixtures = ["OLD-FILE"]')


def removed_keyword(name: str) -> Problem:
    """Return what to say of a keyword argument that is a setting of earlier versions."""
    return _replaced_by_state(name, 'state="FILE"', 'fixtures=["OLD-FILE"]')


def _replaced_by_state(where: str, state: str, fixtures: str) -> Problem:
    """Return what to say of the setting ``changes``.

    where: what was set. state, fixtures: the settings that do the same, spelled for this place.
    """
    description = "is gone: the setting state keeps all that the account of every key has"
    return Problem(where, description, "", f"{state}, and {fixtures} for a file that changes wrote")
