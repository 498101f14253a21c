"""Blueprints made of a table: a rule for each row, without what answers the requests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol, TypeVar

from flask import Blueprint, Response


class TableRow(Protocol):
    """A row of a table of rules: the name of its endpoint, its method, and its path below the root."""

    @property
    def name(self) -> str:
        """The name of the endpoint."""

    @property
    def method(self) -> str:
        """The one HTTP method that it answers."""

    @property
    def path(self) -> str:
        """Its path, with parameters in braces: ``/accounts/{key}``."""


R = TypeVar("R", bound=TableRow)
R_contra = TypeVar("R_contra", bound=TableRow, contravariant=True)


class Handler(Protocol[R_contra]):
    """What answers the requests of all rules of a table."""

    def handle(self, row: R_contra, path: Mapping[str, str], /) -> Response:
        """Answer Flask's current request, of a rule. path: the parameters in its path."""


def table_blueprint(name: str, root: str, rows: Iterable[R], handler: Callable[[], Handler[R]]) -> Blueprint:
    """Return a blueprint with a rule for each row of a table.

    name: that of the blueprint.
    root: what the paths of the rows follow.
    handler: returns what answers the requests. Its first call imports that, which takes some milliseconds;
        few servers get such a request.
    """
    blueprint = Blueprint(name, __name__)
    for row in rows:
        rule = root + row.path.replace("{", "<").replace("}", ">")
        view = _make_view(handler, row)
        # No OPTIONS: a preflight must not allow a web page to send the control header.
        blueprint.add_url_rule(rule, row.name, view, methods=[row.method], provide_automatic_options=False)
    return blueprint


def _make_view(handler: Callable[[], Handler[R]], row: R) -> Callable[..., Response]:
    """Return the view function of a row, which Flask calls with the parameters of its path."""
    return lambda **path: handler().handle(row, path)
