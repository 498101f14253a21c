"""The blueprint of the control API: its rules, from the table of operations, without what runs them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from flask import Blueprint, Response

from fakekit.control import ROOT
from fakekit.control.operations import OPERATIONS, Operation

if TYPE_CHECKING:
    from fakekit.control.api import ControlApi


def control_blueprint(api: Callable[[], ControlApi]) -> Blueprint:
    """Return a blueprint with a rule for each operation.

    api: returns what handles the requests. Its first call imports that, which takes some milliseconds; few
        servers get a control request.
    """
    blueprint = Blueprint("fakekit-control", __name__)
    for operation in OPERATIONS:
        rule = ROOT + operation.path.replace("{", "<").replace("}", ">")
        view = _make_view(api, operation)
        # No OPTIONS: a preflight must not allow a web page to send the control header.
        blueprint.add_url_rule(
            rule, operation.name, view, methods=[operation.method], provide_automatic_options=False
        )
    return blueprint


def _make_view(api: Callable[[], ControlApi], operation: Operation) -> Callable[..., Response]:
    """Return the view function of an operation, which Flask calls with the parameters of its path."""
    return lambda **path: api().handle(operation, path)
