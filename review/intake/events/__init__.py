"""One module for each kind of event: what is taken from its payload."""
