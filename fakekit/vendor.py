"""The vendor's API: where it is."""

from __future__ import annotations

BASE_PATH = "/api/v1"
"""What stands before every path of the vendor's API."""
