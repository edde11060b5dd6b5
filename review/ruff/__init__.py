"""The only door to ruff: Python texts in, violations of the rules we chose out. A process of its own, with no token."""
