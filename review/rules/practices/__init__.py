"""What the eight standards ask of a new artifact and code can show, there or missing: one module for each stack."""
