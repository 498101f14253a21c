"""Pages to look at a running fake in a browser. Nothing is here yet."""
