"""How much a journal holds, and how much all accounts may take together, in memory or in a store."""

from __future__ import annotations

ENTRIES = 1000
"""How many requests one journal holds; the oldest makes room."""
JOURNAL_BYTES = 48 * 1024 * 1024
"""About how much the journals of all accounts may take together."""
CHANGE_BYTES = 256 * 1024 * 1024
"""About how much the changes, snapshots and faults of all accounts may take together."""
