"""One request of the vendor's API, from its key to the journal."""
