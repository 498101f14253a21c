"""The blueprint of the console: a rule for each page and the static files, without what answers them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from flask import Blueprint

from fakekit.console import CONSOLE
from fakekit.console.views import VIEWS
from fakekit.control.blueprint import table_blueprint

if TYPE_CHECKING:
    from fakekit.console.rendering import Console


def console_blueprint(console: Callable[[], Console]) -> Blueprint:
    """Return a blueprint with a rule for each page of the console, and one for its static files.

    console: returns what answers the requests. Its first call imports that and compiles the templates, which
        takes some milliseconds; a server that nobody looks at never does.
    """
    blueprint = table_blueprint("fakekit-console", CONSOLE, VIEWS, console)
    blueprint.add_url_rule(
        f"{CONSOLE}/static/<name>",
        "static",
        lambda name: console().send_static(name),
        provide_automatic_options=False,
    )
    return blueprint
