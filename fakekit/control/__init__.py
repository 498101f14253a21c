"""fakekit's own paths, ``/_fakekit/``: never the vendor's."""

PATHS = ("/", "/_fakekit/health", "/_fakekit/openapi.json", "/_fakekit/control.json")
"""What the blueprints answer beside the control API; everything else is the vendor's, or nothing."""
