"""``fakekit endpoints``, ``openapi`` and ``ledger``: the contract, for people and for tools."""

from __future__ import annotations

import json

import click

from fakekit.cli.options import read_settings, settings_options
from fakekit.settings.table import DEFAULT_PORT


@click.command(short_help="List the endpoints, and where each comes from.")
def endpoints() -> None:
    """List every endpoint, and where it comes from: a page of the vendor, or an assumption of ours.

    Those that have to be switched on by an assumption say so.
    """
    from fakekit.resources import ENDPOINTS

    width = max(len(endpoint.path) for endpoint in ENDPOINTS)
    for endpoint in ENDPOINTS:
        truth = f"off ({endpoint.switch.source})" if endpoint.switch else endpoint.truth
        click.echo(f"{endpoint.method:<6} {endpoint.path:<{width}}  {truth}")


@click.command(short_help="Print the OpenAPI document of the endpoints.")
@settings_options(["assumptions", "strict"])
@click.option(
    "--version",
    type=click.Choice(["3.1", "3.0"]),
    default="3.1",
    show_default=True,
    help="The version of OpenAPI; 3.0 is for tools that do not read 3.1 yet.",
)
@click.option(
    "--origin",
    default=f"http://127.0.0.1:{DEFAULT_PORT}",
    show_default=True,
    metavar="URL",
    help="The address of the server that the document names.",
)
def openapi(version: str, origin: str, **options: object) -> None:
    """Print the OpenAPI document of the endpoints, with these settings.

    A running server has it at /_fakekit/openapi.json, in the form of OpenAPI 3.0 at
    /_fakekit/openapi-3.0.json.
    """
    from fakekit._version import __version__
    from fakekit.contract import openapi as document
    from fakekit.contract.assumptions import Assumptions
    from fakekit.contract.openapi_3_0 import as_openapi_3_0
    from fakekit.contract.positions import TABLE
    from fakekit.resources import RESOURCES

    settings = read_settings(options)
    assumptions = Assumptions(TABLE, dict(settings.assumptions))
    content = document.openapi(RESOURCES, assumptions, __version__, origin.rstrip("/"), settings.strict)
    content = as_openapi_3_0(content) if version == "3.0" else content
    click.echo(json.dumps(content, indent=2, ensure_ascii=False))


@click.command(short_help="List the gaps in the vendor's documentation, and what fakekit does.")
@settings_options(["assumptions"])
@click.option(
    "--format", "form", type=click.Choice(["table", "json", "markdown"]), default="table", show_default=True
)
def ledger(form: str, **options: object) -> None:
    """List the contradictions and gaps in the vendor's documentation, and what fakekit does about each.

    Assumptions that were compared with the real service have the date.
    """
    from fakekit.contract.assumptions import Assumptions
    from fakekit.contract.ledger import as_json, as_markdown, as_table
    from fakekit.contract.positions import TABLE

    settings = read_settings(options)
    assumptions = Assumptions(TABLE, dict(settings.assumptions))
    if form == "markdown":
        text = as_markdown()
    else:
        text = as_json(assumptions) if form == "json" else as_table(assumptions)
    click.echo(text, nl=False)
