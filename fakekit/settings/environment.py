"""Which variables of the environment that begin with ``FAKEKIT_`` are meant for fakekit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from fakekit.errors import Problem, nearest

PREFIX = "FAKEKIT_"

_KUBERNETES_VARIABLE = re.compile(
    rf"{PREFIX}(?:[A-Z0-9_]+_)?"
    r"(?:SERVICE_HOST|SERVICE_PORT(?:_[A-Z0-9_]+)?|PORT_[0-9]+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)"
)
"""What Kubernetes sets in every pod for a Service named fakekit, or fakekit-something (kubernetes.io,
Service, "Environment variables"). One of them, ``FAKEKIT_PORT=tcp://...``, is also the name of a setting."""


def own_variables(
    environ: Mapping[str, str], url_allowed: Mapping[str, bool]
) -> tuple[Mapping[str, str], list[Problem]]:
    """Return the variables that may be read, and a warning for each that is not known.

    url_allowed: the variables of settings, and whether a value may have a URL in it.

    Those that Kubernetes sets for a Service are left out, with one warning for all of them.
    """
    injected = sorted(name for name, value in environ.items() if _is_injected(name, value, url_allowed))
    own = {name: value for name, value in environ.items() if name not in injected}
    return own, [*_unknown_warnings(own, url_allowed), *([_ignored_warning(injected)] if injected else [])]


def _is_injected(name: str, value: str, known: Mapping[str, bool]) -> bool:
    """Return whether Kubernetes set a variable, by its name or by a URL where no setting has one."""
    if name in known:
        return "://" in value and not known[name]
    is_port = name.startswith(PREFIX) and name.endswith("_PORT") and "://" in value
    return is_port or _KUBERNETES_VARIABLE.fullmatch(name) is not None


def _ignored_warning(names: list[str]) -> Problem:
    """Return the warning about the variables that Kubernetes set."""
    listed = ", ".join(names[:2]) + (f" and {len(names) - 2} more" if len(names) > 2 else "")
    what = (
        "ignored, since it looks like what Kubernetes sets for a Service (a URL, or a name such as "
        "FAKEKIT_SERVICE_HOST)"
    )
    return Problem(listed, what, "", "enableServiceLinks: false in the pod's spec, and it is gone")


def _unknown_warnings(environ: Mapping[str, str], known: Iterable[str]) -> Iterator[Problem]:
    """Yield a warning for each variable that begins with ``FAKEKIT_`` and is no setting's."""
    for variable in environ:
        if variable.startswith(PREFIX) and variable not in known:
            nearest_name = nearest(
                variable.removeprefix(PREFIX), [name.removeprefix(PREFIX) for name in known]
            )
            write = PREFIX + nearest_name if nearest_name else f"one of {', '.join(sorted(known))}"
            yield Problem(variable, "is not a variable that fakekit reads", "", write)
