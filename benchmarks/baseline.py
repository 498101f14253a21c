"""What the figures are compared with: the least a Flask app can do, under the same server."""

from __future__ import annotations

import sys
from pathlib import Path

from flask import Flask, Response, request

SIZE = 912
"""The mean size of the answers for customers 10 to 209 of seed 1."""


def make() -> Flask:
    """One route, one comparison of the Authorization header with one string, one constant body."""
    app = Flask("baseline", static_folder=None)
    body = b"x" * SIZE

    @app.get("/api/v1/customers/<key>")
    def customer(key: str) -> Response:
        if request.headers.get("Authorization") != "Bearer fk_demo":
            return Response(status=401)
        return Response(body, mimetype="application/json")

    return app


if __name__ == "__main__":
    from fakekit.server.listening import bind
    from fakekit.server.process import serve

    serve(make(), bind("127.0.0.1", 0), Path(sys.argv[1]))
