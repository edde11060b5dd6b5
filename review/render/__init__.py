"""A `Review` in, a text or a dict out: one pure module for each surface, nothing read and nothing written."""
