"""The language model: what it costs, what a request to it looks like, and the only door to the anthropic SDK."""
