"""What can go wrong between a run and GitHub, on demand."""

import re
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Literal

GARBAGE = b'{"id": 1, "body": "'
"""An answer that a proxy cut."""


@dataclass
class Fault:
    """Requests that match get this status; `after` lets the request take effect first, as a lost answer would."""

    method: str
    path: str
    status: int = 0
    times: int = 1
    after: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    message: str = "Server Error"
    holds: str = ""
    """Text that the request's body must have: tells the GraphQL documents apart."""
    kind: Literal["status", "reset", "silence", "garbage"] = "status"
    """Instead of a status: the connection is reset, no answer comes (`seconds` long), or one that is no JSON."""
    seconds: float = 0.0
    skip: int = 0
    """How many matching requests are let through first."""

    def meets(self, method: str, path: str, content: bytes) -> bool:
        """Whether the request is one of those; used up by one if it is."""
        if not self.times or self.method != method or not re.search(self.path, path):
            return False
        if self.holds.encode() not in content:
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.times -= 1
        return True


def reset(handler: BaseHTTPRequestHandler) -> None:
    """Close the connection as a crashed server does."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.close_connection = True
    handler.connection.close()
