"""Starts `fakekit serve` up to where it would serve, and prints the modules in it that few servers need."""

import gc
import sys

import fakekit.cli
import fakekit.cli.serve
import fakekit.server.process

HEAVY = {"apispec", "cryptography.x509", "faker.proxy", "h11", "jsonschema", "tomllib", "urllib3", "yaml"}
OURS = ("fakekit.faults.", "fakekit.testing.", "fakekit.cli.w")
LATER = {"fakekit.console.rendering", "fakekit.control.controls", "fakekit.fixtures.yaml_reader"}


def report(*_: object, **__: object) -> None:
    """Print what was imported by now, and whether the garbage collector runs while requests are answered."""
    ours = {name for name in sys.modules if name.startswith(OURS)}
    print(sorted((HEAVY | LATER) & set(sys.modules)), sorted(ours), gc.isenabled())


if __name__ == "__main__":
    fakekit.server.process.serve = report
    fakekit.cli.main(["serve", "--port", "0"])
