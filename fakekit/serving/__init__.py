"""One request, top to bottom: edge, auth, accounts, dispatch, log."""
