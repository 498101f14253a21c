"""fakekit's own paths, ``/_fakekit/``: never the vendor's."""
