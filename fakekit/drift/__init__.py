"""Comparing the fake with the real service. Nothing is here yet."""
