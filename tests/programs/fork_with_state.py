"""Opens a store and forks twice, as gunicorn does; all three processes write. Prints how many writes are stored."""

import os
import sys

from fakekit.accounts.state_store import Item, NewEntry
from fakekit.settings.state_location import StateLocation
from fakekit.state import open_state

store = open_state(StateLocation(sys.argv[1]), 10, {"seed": "1"})


def write(times):
    for _ in range(times):
        with store.writing("fk_a") as account:
            counts = [int(item.value) for item in account.items()]
            account.put([Item("count", "", str((counts[0] if counts else 0) + 1))])
        store.write_entries([NewEntry("fk_a", 0.0, "one")])


write(5)
for _ in range(2):
    if os.fork() == 0:
        write(30)
        store.close()
        os._exit(0)
write(30)
for _ in range(2):
    assert os.wait()[1] == 0
write(5)
print(*[item.value for item in store.read("fk_a")[1]], len(store.entries("fk_a")), store.last_number())
store.close()
