"""Comparing the real service with the contract and the fake, by the shapes of responses. See docs/drift.md.

Nothing else of fakekit imports this package but the commands ``fakekit drift`` and ``fakekit shadow``.
"""
