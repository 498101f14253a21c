"""The addresses of the project and its documentation, for messages and ``--help``.

An installed fakekit has no ``docs`` folder beside it, so a message never names a file of a clone.
"""

from __future__ import annotations

HOME = "https://github.com/fakekit/fakekit"
"""The project; ``project.urls`` in pyproject.toml says the same."""

PAGES = "https://fakekit.github.io/fakekit"
"""The site that ``make site`` writes; ``site_url`` in zensical.toml says the same."""

FIXTURE_SCHEMA = f"{PAGES}/fixtures.schema.json"
"""The JSON Schema of fixture files, its ``$id``; editors load it from there."""


VENDOR_PAGES = "https://docs.xtrakit.com"
"""The vendor's documentation, whose pages the tables name; ``project.urls`` says the same."""


def page(name: str) -> str:
    """Return the address of a page of the documentation.

    >>> page("faults")
    'https://fakekit.github.io/fakekit/faults/'
    """
    return f"{PAGES}/{name}/"
