"""The paths that serve the OpenAPI documents of the vendor's API and of the control API."""

from __future__ import annotations

from collections.abc import Mapping
from json import dumps

from flask import Blueprint, Response

from fakekit._version import __version__
from fakekit.api.cors import ANY_ORIGIN
from fakekit.contract.assumptions import Assumptions
from fakekit.contract.endpoint import Resource
from fakekit.import_lock import once


def openapi_blueprint(resources: Mapping[str, Resource], assumptions: Assumptions) -> Blueprint:
    """Return a blueprint with ``/_fakekit/openapi.json`` and ``/_fakekit/control.json``.

    Each document is built by the first request for it and then kept.
    resources, assumptions: the endpoints and assumptions of the server, which ``openapi.json`` describes.
    """
    blueprint = Blueprint("fakekit-documents", __name__)

    @once
    def api_document() -> str:
        from fakekit.contract.openapi import openapi  # apispec is slow to import, and few need it

        return dumps(openapi(resources, assumptions, __version__), ensure_ascii=False)

    @blueprint.get("/_fakekit/openapi.json")
    def openapi_json() -> Response:
        return Response(api_document(), mimetype="application/json", headers=ANY_ORIGIN)

    @once
    def control_document() -> str:
        from fakekit.control.openapi import control_openapi

        return dumps(control_openapi(__version__))

    @blueprint.get("/_fakekit/control.json")
    def control_json() -> Response:
        return Response(control_document(), mimetype="application/json", headers=ANY_ORIGIN)

    return blueprint
