"""Deterministic checks: one side of an artifact → hits; both sides → what the change introduces."""
