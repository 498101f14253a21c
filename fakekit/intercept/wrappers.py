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


_AGAIN = "_FAKEKIT_EXEC_STARTED"
"""A variable that a script sets for the program that it starts: the program's name and its process id."""


def add_wrappers(folder: Path, before: Mapping[str, str], variables: Mapping[str, str]) -> dict[str, str]:
    """Write a script for each program that is on the PATH; return the variables with the scripts in front.

    A script sets those of our variables that are missing, adds our part to PYTHONPATH or NODE_OPTIONS where
    it is missing, and becomes the program. Where scripts cannot be run, as on Windows or in a file system
    without that right, the variables are returned as they are. Raises OSError.

    folder: an existing folder, which outlives the command.
    before: the variables that the command would have without fakekit.
    variables: those that it has, of which some are ours.
    """
    if sys.platform == "win32":
        return dict(variables)
    added = {name: value for name, value in variables.items() if before.get(name) != value}
    missing = "\n".join(
        f'[ -n "${{{name}+set}}" ] || export {name}={shlex.quote(value)}' for name, value in added.items()
    )
    path = variables.get("PATH", os.defpath)
    scripts = folder / "bin"
    scripts.mkdir()
    for name, lines in _lines_by_program().items():
        start = _format_start(name, path)
        if start:
            script = scripts / name
            script.write_text(f"#!/bin/sh\n{missing}\n{lines}\n{start}\n", "utf-8", "surrogateescape")
            script.chmod(0o755)
            if not os.access(script, os.X_OK):
                return dict(variables)
    return {**variables, "PATH": os.pathsep.join([str(scripts), path])}


def _lines_by_program() -> dict[str, str]:
    """Return the lines of shell that each program needs beside the variables, by its name."""
    python, node = str(SHIMS / "python"), node_option()
    add_python = _add("PYTHONPATH", python, f'{shlex.quote(python)}"${{PYTHONPATH:+:$PYTHONPATH}}"')
    add_node = _add("NODE_OPTIONS", node, f'"${{NODE_OPTIONS:+$NODE_OPTIONS }}"{shlex.quote(node)}')
    return {
        **dict.fromkeys(_PYTHONS, add_python),
        **dict.fromkeys(_NODES, add_node),
        **dict.fromkeys(_OTHERS, ""),
    }


def _format_start(name: str, path: str) -> str:
    """Return the lines of shell that become a program, found now; empty where it is not on the PATH.

    The program may be a script that becomes the next one of its name on the PATH, as those of pyenv do. It
    finds ours first, in the same process; the second time, ours becomes that next program.
    """
    program = shutil.which(name, path=path)
    if program is None:
        return ""
    paths = path.split(os.pathsep)
    position = next((n for n, folder in enumerate(paths) if os.path.join(folder, name) == program), 0)  # noqa: PTH118 (as shutil.which joins them)
    next_program = shutil.which(name, path=os.pathsep.join(paths[position + 1 :])) or program
    # An absolute path, but not that which a link leads to: Python finds its virtual environment by it.
    first, second = (shlex.quote(os.path.abspath(found)) for found in (program, next_program))  # noqa: PTH100
    return (
        f'[ "${_AGAIN}" != "{name} $$" ] || exec {second} "$@"\n'
        f'export {_AGAIN}="{name} $$"\nexec {first} "$@"'
    )


def _add(variable: str, added: str, new_value: str) -> str:
    """Return lines of shell that add our part to a variable, unless it is there already.

    added: that part.
    new_value: the variable's new value, in the syntax of the shell.
    """
    return f"""case "${variable}" in
  *{shlex.quote(added)}*) ;;
  *) export {variable}={new_value} ;;
esac"""
