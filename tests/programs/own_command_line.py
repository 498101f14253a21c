"""Reads the settings of `fakekit serve` from its arguments, and prints the command line that others see."""

from pathlib import Path

import click

from fakekit.cli.options import read_settings, settings_options


@click.command()
@settings_options(("state",))
def main(**options):
    assert read_settings(options).state.text.endswith("geheim2")
    print(Path("/proc/self/cmdline").read_bytes().replace(b"\0", b" ").decode())


main()
