"""The variables that begin with ``FAKEKIT_``: settings, unknown ones, and those that Kubernetes sets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from fakekit.errors import Problem, nearest

PREFIX = "FAKEKIT_"

_KUBERNETES_VARIABLE = (
    rf"{PREFIX}(?:[A-Z0-9_]+_)?"
    r"(?:SERVICE_HOST|SERVICE_PORT(?:_[A-Z0-9_]+)?|PORT_[0-9]+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)"
)
"""What Kubernetes sets in every pod for a Service named fakekit, or fakekit-something (kubernetes.io,
Service, "Environment variables"). One of them, ``FAKEKIT_PORT=tcp://...``, is also the name of a setting."""


def filter_variables(
    environ: Mapping[str, str], can_be_url: Mapping[str, bool]
) -> tuple[Mapping[str, str], list[Problem]]:
    """Return the environment without the variables that Kubernetes sets, and a list of warnings.

    There is one warning for each unknown variable that begins with ``FAKEKIT_``, and one for all those of
    Kubernetes.

    can_be_url: by name, the variables that are settings, and whether their value can contain a URL.
    """
    service_variables = sorted(
        name for name, value in environ.items() if _is_service_variable(name, value, can_be_url)
    )
    remaining = {name: value for name, value in environ.items() if name not in service_variables}
    return remaining, [
        *_unknown_warnings(remaining, can_be_url),
        *([_service_warning(service_variables)] if service_variables else []),
    ]


def _is_service_variable(name: str, value: str, known: Mapping[str, bool]) -> bool:
    """Return whether Kubernetes set a variable for a Service named fakekit.

    Its name says so, or its value is a URL where the setting of that name has none.

    known: by name, the variables that are settings, and whether their value can contain a URL.
    """
    if name in known:
        return "://" in value and not known[name]
    is_port = name.startswith(PREFIX) and name.endswith("_PORT") and "://" in value
    return is_port or re.fullmatch(_KUBERNETES_VARIABLE, name) is not None


def _service_warning(names: list[str]) -> Problem:
    """Return the one warning about all variables that Kubernetes set; it names two of them."""
    names_text = ", ".join(names[:2]) + (f" and {len(names) - 2} more" if len(names) > 2 else "")
    description = (
        "ignored, since it looks like what Kubernetes sets for a Service (a URL, or a name such as "
        "FAKEKIT_SERVICE_HOST)"
    )
    return Problem(names_text, description, "", "enableServiceLinks: false in the pod's spec, and it is gone")


def _unknown_warnings(environ: Mapping[str, str], known: Iterable[str]) -> Iterator[Problem]:
    """Yield a warning for each variable that begins with ``FAKEKIT_`` and is not a setting.

    The warning offers the most similar known name or, if none is similar, all of them.
    """
    for variable in environ:
        if variable.startswith(PREFIX) and variable not in known:
            suggestion = nearest(variable.removeprefix(PREFIX), [name.removeprefix(PREFIX) for name in known])
            write = PREFIX + suggestion if suggestion else f"one of {', '.join(sorted(known))}"
            yield Problem(variable, "is not a variable that fakekit reads", "", write)
