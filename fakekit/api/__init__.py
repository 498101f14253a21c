"""One request of the vendor's API: authenticate, match faults, route, answer, record in the journal."""
