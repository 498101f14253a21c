"""``/_fakekit/health``, and for browsers empty answers for icons and at ``/`` the way to the console."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, Response, current_app, jsonify, request

from fakekit._version import WORLD_VERSION, __version__
from fakekit.accounts.account_key import DEMO_KEY
from fakekit.api.cors import ANY_ORIGIN
from fakekit.control import BROWSER_PATHS
from fakekit.vendor import BASE_PATH
from fakekit.world.world import World


def health_blueprint(world: World, console: str) -> Blueprint:
    """Return a blueprint with ``/_fakekit/health``, which is JSON, and ``/``, a page of plain text.

    A client that prefers HTML at ``/``, as browsers do, is led to the console. The `BROWSER_PATHS` are
    answered 204, so that a browser's console shows no error for them.

    world: the world whose seed and number of customers they show.
    console: the path of the console.
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
            **_workers(),
        )
        response.headers.update(ANY_ORIGIN)
        return response

    @blueprint.get("/")
    def index() -> Response:
        headers = {**dict(ANY_ORIGIN), "Vary": "Accept"}
        if request.accept_mimetypes.best_match(("text/plain", "text/html")) == "text/html":
            return Response(status=HTTPStatus.FOUND, headers={**headers, "Location": console}, mimetype=None)
        # The page does not show the server's address: that would be the Host header, which the client chose.
        customer_id = next(world.ids("customers"), 1)
        text = (
            f"This is fakekit {__version__}, a fake of the XtraKit API (not the real one).\n\n"
            f"base URL  this address and {BASE_PATH}\n"
            f"key       {DEMO_KEY}\n"
            f"try       GET {BASE_PATH}/customers/{customer_id} with Authorization: Bearer {DEMO_KEY}\n"
            f"look      at this address in a browser\n"
        )
        return Response(text, mimetype="text/plain", headers=headers)

    def empty_response() -> Response:
        headers = {"Cache-Control": "max-age=86400"}
        return Response(status=HTTPStatus.NO_CONTENT, headers=headers, mimetype=None)

    for path in BROWSER_PATHS:
        blueprint.add_url_rule(path, view_func=empty_response)
    return blueprint


def _workers() -> dict[str, int]:
    """Return how many processes serve, for health; empty under another server than fakekit's own."""
    count = current_app.extensions.get("fakekit-workers")
    return {} if count is None else {"workers": count}
