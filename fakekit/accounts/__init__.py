"""State: what each key changed, was asked and has of its own."""
