"""Opens a store as a user who is not root, and prints why it cannot be."""

import os
import sys
import urllib.parse  # pathlib of Python 3.13 imports it later, from a folder that only root may read

import fakekit.state.origin
import fakekit.state.sql_store
import fakekit.state.sqlite
import fakekit.state.sqlite_file
from fakekit.errors import SettingsError
from fakekit.settings.state_location import StateLocation

if os.getuid() == 0:
    os.setuid(65534)
try:
    fakekit.state.open_state(StateLocation(sys.argv[1]), 10, {})
except SettingsError as error:
    print(error)
