"""Scripts in front of the user's PATH, which start Python, Node, PHP and curl with what they need.

A command may replace the variables by which these are redirected: ``PYTHONPATH=src python ...``,
``NODE_OPTIONS=--no-warnings node ...``, ``env -i PATH="$PATH" ...``. It finds our scripts all the same.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from fakekit.intercept.child import SHIMS, node_option

_PYTHONS = ("python", "python3", *(f"python3.{minor}" for minor in range(7, 20)))
_NODES = ("node", "nodejs")

_OTHERS = ("curl", "php")


def add_wrappers(folder: Path, before: Mapping[str, str], variables: Mapping[str, str]) -> dict[str, str]:
    """Write a script for each program that is on the PATH; return the variables with the scripts in front.

    A script sets those of our variables that are missing, adds our part to PYTHONPATH or NODE_OPTIONS where
    it is missing, and becomes the program. Nothing is written on Windows. Raises OSError.

    folder: an existing folder, which outlives the command.
    before: the variables that the command would have without fakekit.
    variables: those that it has, of which some are ours.
    """
    if sys.platform == "win32":
        return dict(variables)
    ours = {name: value for name, value in variables.items() if before.get(name) != value}
    missing = "\n".join(
        f'[ -n "${{{name}+set}}" ] || export {name}={shlex.quote(value)}' for name, value in ours.items()
    )
    python, node = str(SHIMS / "python"), node_option()
    added = {
        **dict.fromkeys(
            _PYTHONS, _add("PYTHONPATH", python, f'{shlex.quote(python)}"${{PYTHONPATH:+:$PYTHONPATH}}"')
        ),
        **dict.fromkeys(
            _NODES, _add("NODE_OPTIONS", node, f'"${{NODE_OPTIONS:+$NODE_OPTIONS }}"{shlex.quote(node)}')
        ),
        **dict.fromkeys(_OTHERS, ""),
    }
    target = folder / "bin"
    target.mkdir()
    for name, lines in added.items():
        program = shutil.which(name, path=variables.get("PATH"))
        if program:
            script = target / name
            path = shlex.quote(os.path.abspath(program))  # noqa: PTH100 (a link of a virtual environment stays)
            script.write_text(
                f'#!/bin/sh\n{missing}\n{lines}\nexec {path} "$@"\n', "utf-8", "surrogateescape"
            )
            script.chmod(0o755)
    return {**variables, "PATH": os.pathsep.join([str(target), variables.get("PATH", os.defpath)])}


def _add(variable: str, ours: str, with_ours: str) -> str:
    """Return lines of shell that add our part to a variable, unless it is there already.

    ours: that part.
    with_ours: the variable's new value, in the syntax of the shell.
    """
    return f"""case "${variable}" in
  *{shlex.quote(ours)}*) ;;
  *) export {variable}={with_ours} ;;
esac"""
