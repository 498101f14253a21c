"""``fakekit check``, ``generate``, ``schema`` and ``personas``: what there is to know about a world."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from fakekit.cli.options import WORLD, read_settings, settings_options
from fakekit.errors import Problem, SettingsError, worded
from fakekit.writing import write_whole


@click.command(short_help="Check fixture files without serving them.")
@click.argument("paths", metavar="PATH...", type=click.Path(path_type=Path), nargs=-1, required=True)
@settings_options(["customers", "strict"])
def check(paths: tuple[Path, ...], **given: Any) -> None:
    """Check fixture files, or folders of them, without serving them.

    Prints every problem of every file as FILE:LINE: FIELD: what is wrong; exits 2 if there is one.
    """
    from fakekit.resources import RECORDS
    from fakekit.world.fixture_files import load

    settings = read_settings(given)
    fixtures = load(paths, RECORDS, settings.customers, settings.strict)
    for line in worded(fixtures.warnings).splitlines():
        click.echo(f"warning: {line}", err=True)
    counts = Counter(owner for owner, _ in fixtures.records)
    told = [f"{counts[name]:,} {name}" for name in RECORDS if counts[name]]
    files = f"{fixtures.files} file{'s' if fixtures.files != 1 else ''}"
    click.echo(f"{files} with {', '.join(told) or 'no records'}: good")


@click.command(short_help="Write a world as a fixture file.")
@settings_options([name for name in WORLD if name != "max_accounts"])
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Where to write; .json writes JSON, anything else YAML. [standard output, YAML]",
)
def generate(output: Path | None, **given: Any) -> None:
    """Write a world as a fixture file, which loads back to the same answers."""
    from fakekit.app import build_world

    world = build_world(read_settings(given))
    as_json = output is not None and output.suffix.lower() == ".json"
    lines = _json_file(world) if as_json else _yaml_file(world)
    if output is None:
        for line in lines:
            click.echo(line, nl=False)
        return
    try:
        write_whole(output, lines)
    except OSError as error:
        problem = Problem("--output", f"cannot be written: {error.strerror}", str(output))
        raise SettingsError(problem) from None


def _records(world: Any, resource: str) -> Iterator[dict[str, Any]]:
    return (dict(world.find(resource, key)) for key in world.keys(resource))


def _yaml_file(world: Any) -> Iterator[str]:
    import yaml

    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    yield f"# Written by fakekit generate: seed {world.seed}, {world.size} customers.\npopulation: 0\n"
    for resource in world.resources:
        records = _records(world, resource)
        first = next(records, None)
        yield f"{resource}:\n" if first else f"{resource}: []\n"
        for record in [first, *records] if first else []:
            yield yaml.dump([record], Dumper=dumper, sort_keys=False, allow_unicode=True, width=10**6)


def _json_file(world: Any) -> Iterator[str]:
    yield '{\n"population": 0'
    for resource in world.resources:
        yield f',\n"{resource}": ['
        separator = "\n"
        for record in _records(world, resource):
            yield separator + json.dumps(record, ensure_ascii=False)
            separator = ",\n"
        yield "\n]"
    yield "\n}\n"


@click.command(short_help="Print the JSON Schema of fixture files, for editors.")
def schema() -> None:
    """Print the JSON Schema of fixture files, for editors."""
    from fakekit.contract.json_schema import fixture_schema
    from fakekit.resources import RECORDS

    click.echo(json.dumps(fixture_schema(RECORDS), indent=2))


@click.command(short_help="List the customers that are hard on purpose.")
def personas() -> None:
    """List the customers that are hard on purpose, the same way in every seed."""
    from fakekit.resources.customers.personas import PERSONAS

    click.echo("id  hard because")
    for key, persona in PERSONAS.items():
        click.echo(f"{key:<3} {persona.title}")
