"""The blueprint of the console: a rule for each page and the static files, without what answers them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from flask import Blueprint, Response

from fakekit.console import CONSOLE
from fakekit.console.views import VIEWS, View

if TYPE_CHECKING:
    from fakekit.console.rendering import Console


def console_blueprint(console: Callable[[], Console]) -> Blueprint:
    """Return a blueprint with a rule for each page of the console, and one for its static files.

    console: returns what answers the requests. Its first call imports that and compiles the templates, which
        takes some milliseconds; a server that nobody looks at never does.
    """
    blueprint = Blueprint("fakekit-console", __name__)
    for view in VIEWS:
        rule = CONSOLE + view.path.replace("{", "<").replace("}", ">")
        answer = _make_view(console, view)
        # No OPTIONS: a preflight must not allow a web page to send the control header.
        blueprint.add_url_rule(
            rule, view.name, answer, methods=[view.method], provide_automatic_options=False
        )
    blueprint.add_url_rule(
        f"{CONSOLE}/static/<name>",
        "static",
        lambda name: console().send_static(name),
        provide_automatic_options=False,
    )
    return blueprint


def _make_view(console: Callable[[], Console], view: View) -> Callable[..., Response]:
    """Return the view function of a page, which Flask calls with the parameters of its path."""
    return lambda **path: console().handle(view, path)
