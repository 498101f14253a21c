"""``fakekit endpoints``, ``openapi`` and ``ledger``: the contract, for people and for tools."""

from __future__ import annotations

import json
from typing import Any

import click

from fakekit.cli.options import read_settings, settings_options


@click.command(short_help="List what is answered, and how sure it is.")
def endpoints() -> None:
    """List every method and path that is answered, and where it comes from."""
    from fakekit.resources import ENDPOINTS

    width = max(len(endpoint.path) for endpoint in ENDPOINTS)
    for endpoint in ENDPOINTS:
        click.echo(f"{endpoint.method:<6} {endpoint.path:<{width}}  {endpoint.truth}")


@click.command(short_help="Print the OpenAPI document of what is answered.")
@settings_options(["assumptions"])
@click.option(
    "--origin",
    default="http://127.0.0.1:4310",
    show_default=True,
    metavar="URL",
    help="Where the server is, for clients that read it from the document.",
)
def openapi(origin: str, **options: Any) -> None:
    """Print the OpenAPI 3.1 document of what is answered, under these assumptions.

    A running server has it at /_fakekit/openapi.json.
    """
    from fakekit._version import __version__
    from fakekit.contract import openapi as document
    from fakekit.contract.assumptions import Assumptions
    from fakekit.contract.positions import TABLE
    from fakekit.resources import RESOURCES

    assumptions = Assumptions(TABLE, dict(read_settings(options).assumptions))
    content = document.openapi(RESOURCES, assumptions, __version__, origin.rstrip("/"))
    click.echo(json.dumps(content, indent=2, ensure_ascii=False))


@click.command(short_help="List the vendor's contradictions and gaps, and what is done about each.")
@click.option(
    "--format", "form", type=click.Choice(["table", "json", "markdown"]), default="table", show_default=True
)
def ledger(form: str) -> None:
    """List the vendor's contradictions and gaps, and what fakekit does about each."""
    from fakekit.contract.ledger import as_json, as_markdown, as_table

    click.echo({"table": as_table, "json": as_json, "markdown": as_markdown}[form](), nl=False)
