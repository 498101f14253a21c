"""The environment variables for the code under test: those of ``fakekit_env``, and NO_PROXY."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from fakekit.addresses import LOOPBACK_HOSTS
from fakekit.intercept import matches_no_proxy

_PROXY_VARIABLES = ("http_proxy", "https_proxy", "all_proxy")


def no_proxy_variables(environ: Mapping[str, str], url: str = "") -> Iterator[tuple[str, str]]:
    """Yield the variables by which a client reaches the fake without the proxy of the environment.

    They are NO_PROXY in both cases, with what it has already. None without a proxy, and when NO_PROXY has all
    hosts already.

    environ: the environment variables.
    url: of a server elsewhere; empty for one on this machine.
    """
    if not any(name.lower() in _PROXY_VARIABLES and value for name, value in environ.items()):
        return
    no_proxy = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    hosts = [urlsplit(url).hostname or ""] if url else LOOPBACK_HOSTS
    missing = [host for host in hosts if host and not matches_no_proxy(no_proxy, host)]
    if missing:
        value = ",".join(filter(None, [no_proxy, *missing]))
        yield from (("NO_PROXY", value), ("no_proxy", value))


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
