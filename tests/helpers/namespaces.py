"""Runs of ``fakekit exec --isolated``, which needs namespaces: some machines allow them, others do not."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from tests.helpers.commands import Done
from tests.helpers.processes import FAKEKIT
from tests.helpers.programs import PATH
from tests.helpers.project import ROOT

REFUSED = "error: --isolated: this machine does not allow it: "
ORDINARY = ("unshare", "--user", "--map-user=1000", "--map-group=1000")
"""Runs a command as user 1000 of a user namespace, without the rights of root that the tests may have."""


@cache
def are_namespaces_allowed() -> bool:
    """Whether this machine allows what ``--isolated`` needs, found without fakekit."""
    unshare = ["unshare", "--user", "--map-current-user", "--keep-caps", "--net", "--mount"]
    done = subprocess.run([*unshare, "mount", "--bind", "/etc/hosts", "/etc/hosts"], capture_output=True)
    return done.returncode == 0


def run_isolated(
    *command: str,
    options: Sequence[str] = (),
    before: Sequence[str] = (),
    env: Mapping[str, str] | None = None,
    cwd: Path = ROOT,
) -> Done | None:
    """A finished ``fakekit exec --isolated``, in an environment that has only PATH, PYTHONPATH and what `env` adds.

    None where this machine does not allow namespaces: that the command was refused is checked then.

    before: a command to run it by where namespaces are allowed: ``unshare ...``.
    """
    done = subprocess.run(
        [
            *(before if are_namespaces_allowed() else ()),
            *FAKEKIT,
            "exec",
            "--isolated",
            *options,
            "--",
            *command,
        ],
        capture_output=True,
        text=True,
        timeout=300,
        cwd=cwd,
        env={"PATH": PATH, "PYTHONPATH": str(ROOT), **(env or {})},
        check=False,
    )
    if are_namespaces_allowed():
        return Done(done.returncode, done.stdout, done.stderr)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(REFUSED)
    return None
