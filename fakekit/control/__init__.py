"""fakekit's own paths, ``/_fakekit/``: never the vendor's."""

PATHS = ("/", "/_fakekit/health", "/_fakekit/openapi.json")
"""What the blueprints answer; everything else is the vendor's, or nothing."""
