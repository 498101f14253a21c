"""What tests hold: a server, a handle of an account, and the verification of requests."""
