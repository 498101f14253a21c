"""Counts in an account of a store, a line for each write that is stored: the count before it, and a request's number.

Arguments: the location, the key, how many writes (0: until it is killed), and a name.
"""

import sys
from itertools import count

from fakekit.accounts.state_store import Item, NewEntry
from fakekit.settings.state_location import StateLocation
from fakekit.state import open_state

location, key, times, name = sys.argv[1:]
store = open_state(StateLocation(location), 10, {"seed": "1"})
for _ in range(int(times)) if times != "0" else count():
    with store.writing(key) as write:
        counts = [int(item.value) for item in write.items() if item.part == "count"]
        before = counts[0] if counts else 0
        write.put([Item("count", "", str(before + 1)), Item("record", f"customers/{before}", f'"{name}"')])
    (number,) = store.write_entries([NewEntry(key, 0.0, f"{name} {before}")])
    print(before, number, flush=True)
store.close()
