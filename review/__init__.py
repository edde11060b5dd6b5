"""Data Architecture Review: reviews pull requests to data platforms."""

__version__ = "0.1.0"
