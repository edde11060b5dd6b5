"""How the API refuses: statuses, the types that go with them, and the body it answers."""

from typing import Any

TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    409: "conflict_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    503: "api_error",
    504: "timeout_error",
    529: "overloaded_error",
}
"""Status → the `type` of the error in the body."""


class Refused(Exception):
    """The API does not take a request, by this status and with these words."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


def invalid(message: str) -> Refused:
    """A request that breaks a rule of the API's."""
    return Refused(400, message)


def error(error_type: str, message: str, error_code: str = "") -> dict[str, Any]:
    """The body of an error, and the data of an `error` event."""
    details = {"details": {"error_code": error_code}} if error_code else {}
    return {"type": "error", "error": {"type": error_type, "message": message, **details}}
