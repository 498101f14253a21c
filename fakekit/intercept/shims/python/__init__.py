"""A folder on the PYTHONPATH of every Python of a ``fakekit exec``, for its sitecustomize."""
