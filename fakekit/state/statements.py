"""The tables of a store, and its statements in the SQL that SQLite and PostgreSQL share.

A placeholder is ``?``, which the engine for PostgreSQL replaces. Names begin with ``fakekit_``, so that the
tables can be in a database that has others.
"""

from __future__ import annotations

from fakekit.accounts.account_key import DEMO_KEY
from fakekit.accounts.capacity import ENTRIES
from fakekit.accounts.state_store import PARTS_WITHOUT_CONTENT

SCHEMA_VERSION = "2"
"""The version of these tables. A store of another one is refused."""

TABLES = (
    "CREATE TABLE fakekit_meta (name {text} PRIMARY KEY, value TEXT NOT NULL) {options}",
    "CREATE TABLE fakekit_account (key {text} PRIMARY KEY, version BIGINT NOT NULL, replaced BIGINT NOT NULL,"
    " alias_of TEXT NOT NULL, settings TEXT NOT NULL, dropped_up_to BIGINT NOT NULL,"
    " truncated BOOLEAN NOT NULL) {options}",
    "CREATE TABLE fakekit_item (account {text} NOT NULL, part {text} NOT NULL, name {text} NOT NULL,"
    " value TEXT, version BIGINT NOT NULL, PRIMARY KEY (account, part, name))",
    "CREATE INDEX fakekit_item_version ON fakekit_item (account, version)",
    "CREATE TABLE fakekit_journal (account {text} NOT NULL, number BIGINT NOT NULL,"
    " time DOUBLE PRECISION NOT NULL, sources TEXT NOT NULL, content TEXT NOT NULL,"
    " PRIMARY KEY (account, number)) {options}",
)
"""``{text}`` is the type of text that is compared byte by byte.

``{options}`` stands behind a table without large rows.

A row of ``fakekit_journal`` has one entry with a content, or several of one time with contents of other
rows. ``number`` is that of the last of them; those before it have the numbers just before. ``sources`` has,
for each, the number of the row with its content, with spaces between.
"""

META = "SELECT name, value FROM fakekit_meta"
SET_META = (
    "INSERT INTO fakekit_meta (name, value) VALUES (?, ?)"
    " ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)
ADD_META = "INSERT INTO fakekit_meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING"
DELETE_ALL = (
    "DELETE FROM fakekit_account",
    "DELETE FROM fakekit_item",
    "DELETE FROM fakekit_journal",
    "DELETE FROM fakekit_meta WHERE name LIKE 'world.%'",
)

_COLUMNS = "key, version, replaced, alias_of, settings, dropped_up_to, truncated"
FIND = f"SELECT {_COLUMNS} FROM fakekit_account WHERE key = ?"
FIND_WITH_ENTRY = (
    f"SELECT {_COLUMNS}, EXISTS (SELECT 1 FROM fakekit_journal"
    " WHERE fakekit_journal.account = fakekit_account.key AND fakekit_journal.number = ? AND time = ?)"
    " FROM fakekit_account WHERE key = ?"
)
"""Also whether a journal has a row of a number and a time."""
SET_ACCOUNT = "UPDATE fakekit_account SET version = ?, replaced = ?, alias_of = ?, settings = ? WHERE key = ?"
ADD_ACCOUNT = (
    f"INSERT INTO fakekit_account ({_COLUMNS}) VALUES (?, 0, 0, '', '', ?, ?) ON CONFLICT (key) DO NOTHING"
)
SET_DROPPED = (
    "UPDATE fakekit_account SET dropped_up_to = ?, truncated = ? WHERE key = ? AND dropped_up_to <= ?"
)
DELETE_ACCOUNT = "DELETE FROM fakekit_account WHERE key = ?"
DELETE_EMPTY_ACCOUNT = (
    f"{DELETE_ACCOUNT} AND NOT EXISTS (SELECT 1 FROM fakekit_item WHERE account = key)"
    " AND NOT EXISTS (SELECT 1 FROM fakekit_journal WHERE account = key)"
)
COUNT_ACCOUNTS = "SELECT count(*) FROM fakekit_account WHERE key NOT IN ('', ?) AND alias_of = ''"
COUNT_ALIASES = "SELECT count(*) FROM fakekit_account WHERE alias_of <> '' AND key <> ?"

_LAST_NUMBER = (
    "coalesce((SELECT max(number) FROM fakekit_journal WHERE fakekit_journal.account = fakekit_account.key),"
    " dropped_up_to)"
)
ROWS = f"SELECT {_COLUMNS} FROM fakekit_account WHERE key <> '' ORDER BY {_LAST_NUMBER}, version, key"
UNUSED = (
    f"SELECT key FROM fakekit_account WHERE key > ? AND key <= ? AND key <> '{DEMO_KEY}'"
    " AND alias_of = '' AND settings = '' AND NOT EXISTS"
    " (SELECT 1 FROM fakekit_item WHERE fakekit_item.account = fakekit_account.key"
    f" AND value IS NOT NULL AND part NOT IN {PARTS_WITHOUT_CONTENT})"
    f" ORDER BY {_LAST_NUMBER}, version, key LIMIT ?"
)
"""Accounts without content between two keys, the least recently used first."""
KEY_BEHIND = "SELECT key FROM fakekit_account WHERE key > ? ORDER BY key LIMIT 1 OFFSET ?"

ITEMS = (
    "SELECT part, name, value FROM fakekit_item WHERE account = ? AND version > ?"
    " ORDER BY version, part, name"
)
SET_ITEM = (
    "INSERT INTO fakekit_item (account, part, name, value, version) VALUES (?, ?, ?, ?, ?)"
    " ON CONFLICT (account, part, name) DO UPDATE SET value = excluded.value, version = excluded.version"
)
DELETE_ITEMS = "DELETE FROM fakekit_item WHERE account = ?"
DELETE_REMOVED = "DELETE FROM fakekit_item WHERE account = ? AND value IS NULL"
WITH_REPLACED = (
    "SELECT account FROM fakekit_item WHERE part = 'before_reset' AND value IS NOT NULL"
    f" AND account NOT IN ('{DEMO_KEY}', ?) LIMIT 1000"
)
REMOVE_REPLACED = (
    "UPDATE fakekit_item SET value = NULL, version = ? WHERE account = ? AND part = 'before_reset'"
)
SET_VERSION = "UPDATE fakekit_account SET version = ? WHERE key = ?"
DEMO_ITEM_SIZE, ITEM_SIZE = (
    "SELECT coalesce(sum(length(value)), 0) + 100 * count(*) FROM fakekit_item"
    f" WHERE account {operator} '{DEMO_KEY}'"
    for operator in ("=", "<>")
)

ADD_ROW = "INSERT INTO fakekit_journal (account, number, time, sources, content) VALUES (?, ?, ?, ?, ?)"
ROWS_AFTER = (
    "SELECT number, time, sources, content FROM fakekit_journal WHERE account = ? AND number > ?"
    f" ORDER BY number DESC LIMIT {ENTRIES + 1}"
)
CONTENT = "SELECT number, content FROM fakekit_journal WHERE account = ? AND number = ?"
HAS_CONTENT = "SELECT 1 FROM fakekit_journal WHERE account = ? AND number = ? AND time = ? AND content <> ''"
LAST_ROWS = (
    f"SELECT number, sources FROM fakekit_journal WHERE account = ? ORDER BY number DESC LIMIT {ENTRIES}"
)
LARGEST_BEFORE = "SELECT coalesce(max(number), 0) FROM fakekit_journal WHERE account = ? AND number < ?"
DELETE_BETWEEN = "DELETE FROM fakekit_journal WHERE account = ? AND number > ? AND number < ?"
LARGEST_NUMBER = "SELECT max(number) FROM fakekit_journal WHERE account = ?"
DELETE_ENTRIES = "DELETE FROM fakekit_journal WHERE account = ?"
_ROW_SIZES = "coalesce(sum(length(content) + length(sources)), 0) + 100 * count(*)"
ENTRY_SIZES = (
    f"SELECT account, {_ROW_SIZES} FROM fakekit_journal GROUP BY account ORDER BY account <> '', max(number)"
)
"""About how many bytes each journal takes: that of the requests without a valid key, then by the last use."""
ENTRY_SIZE = f"SELECT {_ROW_SIZES} FROM fakekit_journal"

SUMMARIES = (
    f"SELECT {_COLUMNS},"
    " (SELECT count(*) FROM fakekit_item WHERE account = key AND part = 'record'),"
    " (SELECT count(*) FROM fakekit_item WHERE account = key AND part = 'fault' AND value IS NOT NULL),"
    " (SELECT coalesce(sum(length(sources) - length(replace(sources, ' ', '')) + 1), 0)"
    " FROM fakekit_journal WHERE account = key),"
    " (SELECT coalesce(sum(length(value)), 0) FROM fakekit_item WHERE account = key)"
    " + (SELECT coalesce(sum(length(content)), 0) FROM fakekit_journal WHERE account = key),"
    " (SELECT max(time) FROM fakekit_journal WHERE account = key)"
    f" FROM fakekit_account ORDER BY {_LAST_NUMBER}, version, key"
)
"""What ``fakekit state list`` prints."""


def psycopg_form(statement: str) -> str:
    """Return a statement with the placeholders of psycopg; here, so that its example runs without psycopg.

    >>> psycopg_form("SELECT 1 WHERE name LIKE 'a%' AND key = ?")
    "SELECT 1 WHERE name LIKE 'a%%' AND key = %s"
    """
    return statement.replace("%", "%%").replace("?", "%s")
