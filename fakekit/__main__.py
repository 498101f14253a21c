"""``python -m fakekit`` is ``fakekit``."""

from fakekit.cli import main

if __name__ == "__main__":
    main()
