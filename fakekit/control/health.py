"""``/_fakekit/health``, and a page at ``/`` for anybody who opens the server's address in a browser."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from fakekit._version import WORLD_VERSION, __version__
from fakekit.accounts.account_key import DEMO_KEY
from fakekit.vendor import BASE_PATH
from fakekit.world.world import World


def health_blueprint(world: World) -> Blueprint:
    """Return a blueprint with ``/_fakekit/health``, which is JSON, and ``/``, a page of plain text.

    world: the world whose seed and number of customers they show.
    """
    blueprint = Blueprint("fakekit", __name__)

    @blueprint.get("/_fakekit/health")
    def health() -> Response:
        return jsonify(
            status="ok",
            version=__version__,
            seed=world.seed,
            world=WORLD_VERSION,
            customers=world.count_records("customers"),
        )

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
        return Response(text, mimetype="text/plain")

    return blueprint
