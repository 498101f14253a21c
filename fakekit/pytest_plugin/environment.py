"""The environment variables for the code under test: those of ``fakekit_env``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence


def read_variables(lines: Sequence[str], values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the name and the value of each environment variable that the lines of ``fakekit_env`` set.

    lines: each is ``NAME`` or ``NAME = text with {base_url}``. A bare name gets ``{api_key}`` if it contains
        KEY or TOKEN, else ``{base_url}``. Empty lines are skipped.
    values: what the names in braces stand for.

    Raises `fakekit.SettingsError` for another name in braces, and for what is no name of a variable.
    """
    from fakekit.errors import Problem, SettingsError

    for line in filter(str.strip, lines):
        name, separator, text = (part.strip() for part in line.partition("="))
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
            description, write = "is not the name of an environment variable", "CRM_URL = {base_url}"
            raise SettingsError(Problem("fakekit_env", description, name, write))
        if separator and not text:
            raise SettingsError(Problem(f"fakekit_env: {name}", "has no value", "", f"{name} = {{base_url}}"))
        if not separator:
            text = "{api_key}" if re.search("KEY|TOKEN", name, re.I) else "{base_url}"
        try:
            value = text.format(**values)
        except (KeyError, IndexError, ValueError):
            problem = Problem(
                f"fakekit_env: {name}", "names an unknown value", text, "{base_url} or {api_key}"
            )
            raise SettingsError(problem) from None
        yield name, value
