"""Where tests may go: to this machine and nowhere else, in their own process and in those they start."""

LOCAL = ("127.0.0.1", "::1", "localhost")
NOWHERE = "http://127.0.0.1:9"
"""A proxy that is not there."""
NO_WAY_OUT = {
    "http_proxy": NOWHERE,
    "https_proxy": NOWHERE,
    "all_proxy": NOWHERE,
    "no_proxy": "127.0.0.1,localhost",
}
"""Variables by which a child process finds no way to any other machine."""
PAID = ("ANTHROPIC_", "AWS_", "CLAUDE_", "GOOGLE_", "CLOUD_ML_", "ACTIONS_ID_TOKEN_")
"""How variables begin that lead to somebody's model."""
