"""``fakekit check``, ``generate``, ``schema`` and ``personas``: fixture files and generated worlds."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fakekit.cli.options import read_settings, settings_options
from fakekit.cli.output import print_warning
from fakekit.errors import Problem, SettingsError, format_problems
from fakekit.fixtures.whole_file import write_whole
from fakekit.settings.table import ACCOUNT_SETTINGS

if TYPE_CHECKING:
    from fakekit.contract.schema import Record
    from fakekit.fixtures.write import FixtureContent
    from fakekit.world.world import World


@click.command(short_help="Check fixture files without serving them.")
@click.argument("paths", metavar="PATH...", type=click.Path(path_type=Path), nargs=-1, required=True)
@settings_options(["customers", "strict"])
def check(paths: tuple[Path, ...], **options: object) -> None:
    """Check fixture files, or folders of them, without serving them.

    Prints every problem of every file as FILE:LINE: FIELD: what is wrong; exits 2 if there is one.
    """
    from fakekit.fixtures.load import load
    from fakekit.resources import RECORDS

    settings = read_settings(options)
    fixtures = load(paths, RECORDS, settings.sizes, settings.strict)
    for line in format_problems(fixtures.warnings).splitlines():
        print_warning(line)
    counts = Counter(resource for resource, _ in fixtures.records)
    resource_counts = [f"{counts[name]:,} {name}" for name in RECORDS if counts[name]]
    files = f"{fixtures.files} file{'s' if fixtures.files != 1 else ''}"
    click.echo(f"{files} with {', '.join(resource_counts) or 'no records'}: good")


@click.command(short_help="Write a world as a fixture file.")
@settings_options(ACCOUNT_SETTINGS)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Where to write; .json writes JSON, .yaml, .yml or no suffix YAML. [standard output, YAML]",
)
def generate(output: Path | None, **options: object) -> None:
    """Write a world as a fixture file. A server that loads the file gives the same answers.

    \f
    Raises `SettingsError` for a file that cannot be written, or whose suffix is that of no fixture file.
    """  # noqa: D301 (click ends the help at this character)
    from fakekit.accounts.from_settings import build_world
    from fakekit.fixtures.paths import SUFFIXES
    from fakekit.fixtures.write import as_json, as_yaml

    if output is not None and output.suffix.lower() not in ("", *SUFFIXES):
        description = "must end in .yaml, .yml or .json, or have no suffix"
        cure = f"--output {output.with_suffix('.yaml')}"
        raise SettingsError(Problem("--output", description, str(output), cure))
    world = build_world(read_settings(options))
    write = as_json if output is not None and output.suffix.lower() == ".json" else as_yaml
    lines = write(_build_content(world))
    if output is None:
        for line in lines:
            click.echo(line, nl=False)
        return
    try:
        write_whole(output, lines)
    except OSError as error:
        problem = Problem("--output", f"cannot be written: {error.strerror}", str(output))
        raise SettingsError(problem) from None


def _read_records(world: World, resource: str) -> Iterator[Record]:
    """Yield the records of a world's resource, ascending by id, for `fakekit generate`."""
    return (record for key in world.ids(resource) if (record := world.find(resource, key)) is not None)


def _build_content(world: World) -> FixtureContent:
    """Return what `generate` writes: every record of the world, and a comment with its seed.

    Records are generated while the file is written.
    """
    from fakekit.fixtures.write import FixtureContent

    records = {name: _read_records(world, name) for name in world.resources}
    about = f"Written by fakekit generate: seed {world.seed}, {world.sizes['customers']} customers."
    return FixtureContent(about, records, population=0, with_empty=True)


@click.command(short_help="Print the JSON Schema of fixture files, for editors.")
def schema() -> None:
    """Print the JSON Schema of fixture files, for editors."""
    from fakekit.contract.json_schema import fixture_schema
    from fakekit.resources import RECORDS

    click.echo(json.dumps(fixture_schema(RECORDS), indent=2))


@click.command(short_help="List the generated records that are hard to handle on purpose.")
def personas() -> None:
    """List the generated records that are hard to handle on purpose, in the same way in every seed."""
    from fakekit.resources import RECORDS

    click.echo("resource   id  hard because")
    for name, resource in RECORDS.items():
        for key, title in resource.personas.items():
            click.echo(f"{name:<10} {key:<3} {title}")
