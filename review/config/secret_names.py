"""Which environment variables hold secrets of the model's: a module of its own, since every start needs it."""

SECRETS = (
    "INPUT_ANTHROPIC-API-KEY",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_AUTH_TOKEN",
    "ANTHROPIC_CUSTOM_HEADERS",
    "ANTHROPIC_IDENTITY_TOKEN",
    "AWS_ACCESS_KEY_ID",
    "AWS_BEARER_TOKEN_BEDROCK",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "GOOGLE_OAUTH_ACCESS_TOKEN",
)
"""Environment variables with secrets of the model's: they leave the process's environment at its start."""
