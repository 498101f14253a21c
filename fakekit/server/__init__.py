"""Bytes: what serves the app, its sockets, connections and log lines."""
