"""How answers go over the wire: events in one of two framings, chunk by chunk, and what can go wrong with them."""

import base64
import json
import socket
import struct
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from threading import Event
from typing import Any

from tests.model_server.refusals import error
from tests.model_server.script import Fault

END = b"0\r\n\r\n"
"""The chunk that ends a body."""

Frame = Callable[[Mapping[str, Any]], bytes]


def sse(event: Mapping[str, Any]) -> bytes:
    """A server-sent event, as the API and Google Cloud stream them."""
    return f"event: {event['type']}\ndata: {json.dumps(event, ensure_ascii=False)}\n\n".encode()


def aws(event: Mapping[str, Any]) -> bytes:
    """A message of the event stream that Amazon Bedrock frames events in; an `error` is an exception there."""
    if event["type"] == "error":
        headers = {":message-type": "exception", ":exception-type": "throttlingException"}
        payload = {"message": event["error"]["message"]}
    else:
        headers = {":message-type": "event", ":event-type": "chunk"}
        payload = {"bytes": base64.b64encode(json.dumps(event, ensure_ascii=False).encode()).decode()}
    return _aws_message({**headers, ":content-type": "application/json"}, json.dumps(payload).encode())


def _aws_message(headers: Mapping[str, str], payload: bytes) -> bytes:
    """https://docs.aws.amazon.com/transcribe/latest/dg/streaming-setting-up.html: lengths, checksums, headers."""
    packed = b"".join(
        struct.pack(f">B{len(name)}sBH{len(value)}s", len(name), name.encode(), 7, len(value), value.encode())
        for name, value in headers.items()
    )
    prelude = struct.pack(">II", 16 + len(packed) + len(payload), len(packed))
    message = prelude + struct.pack(">I", zlib.crc32(prelude)) + packed + payload
    return message + struct.pack(">I", zlib.crc32(message))


@dataclass(frozen=True)
class Line:
    """What events are sent over."""

    handler: BaseHTTPRequestHandler
    frame: Frame
    closing: Event
    """Ends every wait."""
    over: Callable[[], object]
    """Called before a fault that ends the stream."""

    def send(self, events: Iterable[Mapping[str, Any]], pace: float, fault: Fault | None) -> None:
        """Send the events as the chunks of one body, taking each from the iterator as it is sent."""
        left, number = iter(events), 0
        while fault is None or number != fault.after or self._goes_on(fault):
            event = next(left, None)
            if event is None:
                self.handler.wfile.write(END)
                return
            self._chunks(self.frame(event))
            self.closing.wait(pace)
            number += 1

    def _goes_on(self, fault: Fault) -> bool:
        """Let the fault happen, and say whether the stream goes on after it."""
        if fault.kind == "stall":
            self.closing.wait(fault.seconds)
            return True
        self.over()
        if fault.kind == "error":
            self._chunks(self.frame(error(fault.error_type, "Overloaded")))
        if fault.kind in ("error", "end"):
            self.handler.wfile.write(END)
        if fault.kind == "drop":
            self.handler.close_connection = True
        if fault.kind == "reset":
            reset(self.handler)
        return False

    def _chunks(self, data: bytes) -> None:
        """Send data in one chunk; in two where it has a character of several bytes, cut in the middle of it."""
        cut = next((at + 1 for at, byte in enumerate(data) if byte > 0x7F), len(data))
        for part in (data[:cut], data[cut:]):
            if part:
                self.handler.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))


def reset(handler: BaseHTTPRequestHandler) -> None:
    """Reset the connection: the client sees no end of it, and no answer."""
    handler.close_connection = True
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.rfile.close()
    handler.connection.close()
