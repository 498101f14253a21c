"""What resets have replaced, which gives way where there is no room for what accounts have."""

from __future__ import annotations

from collections.abc import Callable

from fakekit.state import statements as sql
from fakekit.state.connection import DatabaseConnection


def drop_replaced(
    connection: DatabaseConnection, key: str, row_lock: str, next_version: Callable[[DatabaseConnection], int]
) -> bool:
    """Delete what resets of all accounts but two have replaced; return whether there was anything.

    Those accounts get a new version, so that no process undoes a reset for which others do not see it. One
    that somebody else is writing is left out.

    key: of one of the two accounts, which is being written; the other is ``fk_demo``.
    row_lock: see `Database.unlocked_rows`.
    """
    was_dropped = False
    for (other,) in connection.execute(sql.WITH_REPLACED, key):
        if connection.execute(sql.FIND + row_lock, other):
            version = next_version(connection)
            connection.write(sql.REMOVE_REPLACED, version, other)
            connection.write(sql.SET_VERSION, version, other)
            was_dropped = True
    return was_dropped
