"""The check that the world of a project is still the one that its tests rely on."""

from __future__ import annotations

from fakekit._version import WORLD_VERSION, __version__
from fakekit.errors import Problem, SettingsError
from fakekit.world.names import faker_warning


def check_world(expected: str | None) -> None:
    """Raise `SettingsError` if a project relies on another world than this fakekit and Faker generate.

    expected: the value of the setting ``world``; None for a project that relies on none: nothing is checked.

    Takes the time of `faker_warning`.
    """
    if expected is None:
        return
    check_world_version(expected, WORLD_VERSION, f"fakekit {__version__}")
    if warning := faker_warning():
        raise SettingsError(Problem("world", f"is {expected}, but {warning}"))


def check_world_version(expected: str, generated: str, generator: str) -> None:
    """Raise `SettingsError` if the world that a project relies on is not the one that a server generates.

    generator: what generates it, for the message: ``fakekit 1.2.0``.
    """
    if expected != generated:
        description = (
            f"is {expected}, but {generator} generates world {generated}, where a seed has "
            "other records; install the fakekit that the project had, or look at the new records (fakekit "
            "generate -o world.json), mend what relies on the old ones"
        )
        raise SettingsError(Problem("world", description, "", f'world = "{generated}"'))
