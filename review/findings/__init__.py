"""Findings of every source, made into the ones a reader sees."""
