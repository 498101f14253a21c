"""Writes to a store until no file may grow any more, then with room again; prints how many writes held each time."""

import logging
import resource
import sys

from fakekit.accounts.state_store import Item
from fakekit.errors import StateError
from fakekit.settings.state_location import StateLocation
from fakekit.state import open_state

logging.basicConfig(format="%(message)s")
store = open_state(StateLocation(sys.argv[1]), 10, {})
_, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, hard))
written = 0


def write():
    with store.writing("fk_a") as account:
        account.put([Item("record", f"customers/{written}", '"' + "a" * 10_000 + '"')])


try:
    while True:
        write()
        written += 1
except StateError as error:
    print(written)
    print(error)
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
print(len(store.read("fk_a")[1]))
write()
print(len(store.read("fk_a")[1]))
store.close()
