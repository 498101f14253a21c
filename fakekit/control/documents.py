"""The OpenAPI documents of what is served and of the control API."""

from __future__ import annotations

from collections.abc import Mapping
from json import dumps

from flask import Blueprint, Response

from fakekit._version import __version__
from fakekit.contract.assumptions import Assumptions
from fakekit.contract.endpoint import Resource
from fakekit.import_lock import once


def documents_blueprint(resources: Mapping[str, Resource], assumptions: Assumptions) -> Blueprint:
    """Return the blueprint with ``openapi.json`` and ``control.json``, each made on first request.

    resources, assumptions: what the server answers, which the first document describes.
    """
    blueprint = Blueprint("fakekit-documents", __name__)

    @once
    def document() -> str:
        from fakekit.contract.openapi import openapi  # apispec takes a while, and few ask for it

        return dumps(openapi(resources, assumptions, __version__), ensure_ascii=False)

    @blueprint.get("/_fakekit/openapi.json")
    def openapi_json() -> Response:
        return Response(document(), mimetype="application/json")

    @once
    def control() -> str:
        from fakekit.control.openapi import control_openapi

        return dumps(control_openapi(__version__))

    @blueprint.get("/_fakekit/control.json")
    def control_json() -> Response:
        return Response(control(), mimetype="application/json")

    return blueprint
