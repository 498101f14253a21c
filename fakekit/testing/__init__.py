"""For tests: servers, the handle of an account, and assertions about the requests that it got."""
