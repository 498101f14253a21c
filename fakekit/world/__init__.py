"""The records before any change: a function of (seed, resource, id, field), and fixture records."""
