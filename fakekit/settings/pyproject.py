"""The table ``[tool.fakekit]`` of the nearest ``pyproject.toml``."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from fakekit.errors import Problem, SettingsError, show
from fakekit.unpatched import read_bytes


def tool_table(folder: Path) -> tuple[Path, dict[str, Any]]:
    """Return the path of the nearest ``pyproject.toml`` and its ``[tool.fakekit]``.

    Dashes in keys become underscores. Without such a file: `folder` and an empty table.

    folder: where to look, here and upwards.

    Raises `SettingsError` for a file that cannot be read or parsed, or a value that is no table.
    """
    for parent in (folder, *folder.parents):
        file = parent / "pyproject.toml"
        try:
            document = tomllib.loads(read_bytes(file).decode())
        except (FileNotFoundError, NotADirectoryError):
            continue
        except (OSError, ValueError) as error:
            raise SettingsError(Problem(str(file), f"cannot be read: {error}")) from None
        tool = document.get("tool")
        table = tool.get("fakekit", {}) if isinstance(tool, dict) else {}
        if not isinstance(table, dict):
            problem = Problem(f"{file}: tool.fakekit", "must be a table", show(table), "[tool.fakekit]")
            raise SettingsError(problem)
        return file, {str(key).replace("-", "_"): value for key, value in table.items()}
    return folder, {}
