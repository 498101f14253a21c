"""The versions: of the package, where the build reads it too, and of the world."""

__version__ = "0.1.0"

WORLD_VERSION = "580196e8a3ea"
"""Names what a seed gives: the start of the SHA-256 of the first thousand customers of seed 1, as
``fakekit generate --customers 1000 --seed 1 -o world.json`` writes them. A test holds it to that."""
