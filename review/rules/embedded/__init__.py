"""SQL in the strings of other languages: found by the host's syntax tree, told from prose by parsing."""
