"""``/_fakekit/health``, and for browsers a page at ``/`` and empty answers for icons."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, Response, jsonify

from fakekit._version import WORLD_VERSION, __version__
from fakekit.accounts.account_key import DEMO_KEY
from fakekit.api.cors import ANY_ORIGIN
from fakekit.control import BROWSER_PATHS
from fakekit.vendor import BASE_PATH
from fakekit.world.world import World


def health_blueprint(world: World) -> Blueprint:
    """Return a blueprint with ``/_fakekit/health``, which is JSON, and ``/``, a page of plain text.

    The `BROWSER_PATHS` are answered 204, so that a browser's console shows no error for them.
    world: the world whose seed and number of customers they show.
    """
    blueprint = Blueprint("fakekit", __name__)

    @blueprint.get("/_fakekit/health")
    def health() -> Response:
        response = jsonify(
            status="ok",
            version=__version__,
            seed=world.seed,
            world=WORLD_VERSION,
            customers=world.count_records("customers"),
        )
        response.headers.update(ANY_ORIGIN)
        return response

    @blueprint.get("/")
    def index() -> Response:
        # The page does not show the server's address: that would be the Host header, which the client chose.
        customer_id = next(world.ids("customers"), 1)
        text = (
            f"This is fakekit {__version__}, a fake of the XtraKit API (not the real one).\n\n"
            f"base URL  this address and {BASE_PATH}\n"
            f"key       {DEMO_KEY}\n"
            f"try       GET {BASE_PATH}/customers/{customer_id} with Authorization: Bearer {DEMO_KEY}\n"
        )
        return Response(text, mimetype="text/plain", headers=ANY_ORIGIN)

    def nothing() -> Response:
        headers = {"Cache-Control": "max-age=86400"}
        return Response(status=HTTPStatus.NO_CONTENT, headers=headers, mimetype=None)

    for path in BROWSER_PATHS:
        blueprint.add_url_rule(path, view_func=nothing)
    return blueprint
