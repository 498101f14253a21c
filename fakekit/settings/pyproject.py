"""The table ``[tool.fakekit]`` of the nearest ``pyproject.toml``."""

from __future__ import annotations

from pathlib import Path

from fakekit.errors import Problem, SettingsError, show
from fakekit.unpatched import read_bytes


def load_table(folder: Path) -> tuple[Path, dict[str, object]]:
    """Return the path of the nearest ``pyproject.toml`` and its table ``[tool.fakekit]``.

    Dashes in the table's keys become underscores. A file without the table gives an empty one. When there is
    no file at all, the path is `folder` and the table is empty.

    folder: where to look first; then in the folders above.

    Raises `SettingsError` when the file cannot be read or parsed, or ``tool.fakekit`` is not a table.
    """
    for parent in (folder, *folder.parents):
        file = parent / "pyproject.toml"
        try:
            content = read_bytes(file)
            import tomllib  # takes long to import, and many folders have no such file

            document = tomllib.loads(content.decode())
        except (FileNotFoundError, NotADirectoryError):
            continue  # no such file here: the folder above
        except (OSError, ValueError) as error:
            raise SettingsError(Problem(str(file), f"cannot be read: {error}")) from None
        section = document.get("tool")
        table = section.get("fakekit", {}) if isinstance(section, dict) else {}
        if not isinstance(table, dict):
            problem = Problem(f"{file}: tool.fakekit", "must be a table", show(table), "[tool.fakekit]")
            raise SettingsError(problem)
        return file, {str(key).replace("-", "_"): value for key, value in table.items()}
    return folder, {}
