"""Findings and skips → eight checklist items and a decision. Computed by code, never by a model."""
