"""Evidence → findings, by a language model whose every word is checked before anyone reads it."""
