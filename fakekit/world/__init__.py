"""What exists: a function of (seed, resource, id, field), what fixture files say, what accounts changed."""
