"""fakekit's own paths, ``/_fakekit/``: never the vendor's."""

PATHS = ("/", "/_fakekit/health", "/_fakekit/openapi.json", "/_fakekit/control.json")
"""What the blueprints answer beside the control API; everything else is the vendor's, or nothing."""

ROOT = "/_fakekit/accounts"
"""Where the control API is."""

HEADER = "Fakekit-Control"
"""What every control request has to carry: ``1``, or the token of a server that is not on loopback."""

WORDS = (
    "accounts",
    "alias",
    "clock",
    "control.json",
    "export",
    "faults",
    "lines",
    "records",
    "requests",
    "reset",
    "restore",
    "snapshots",
    "stubs",
)
"""What stands in its paths, for the log; its table is only read when somebody asks."""
