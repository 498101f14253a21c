"""fakekit's own HTTP paths below ``/_fakekit/``: health, OpenAPI documents and the control API."""

QUICK_PATHS = ("/", "/_fakekit/health")
"""The paths that a server of ours answers at once, also while all of its threads compute long lists."""

PATHS = (*QUICK_PATHS, "/_fakekit/openapi.json", "/_fakekit/control.json")
"""The paths of this package's blueprints. All others are the control API's or the vendor's, or unknown."""

ROOT = "/_fakekit/accounts"
"""The path below which the control API is."""

HEADER = "Fakekit-Control"
"""The header of every control request: ``1``, or the token of a server that is not on loopback."""
