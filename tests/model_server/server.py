"""The HTTP side of the fake: connections, records, and faults where a script asks for them."""

import json
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from time import monotonic
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from tests.model_server import models, routes, rules, wire
from tests.model_server.cache import Counted, PromptCache, parts
from tests.model_server.compose import Composed, compose
from tests.model_server.refusals import TYPES, Refused, error
from tests.model_server.routes import Credentials, Kind, Platform, Route
from tests.model_server.script import Answer, Http, Reset, Script, Stall, Step, answer, script_of
from tests.model_server.seals import Seals


@dataclass
class Request:
    """One request, as it came, and how it was answered."""

    method: str
    path: str
    headers: dict[str, str]
    """Names in lower case."""
    body: Any
    """JSON; None where there was none, or none that could be read."""
    at: float
    """`time.monotonic()` of its arrival."""
    kind: Kind | None = None
    usage: dict[str, Any] = field(default_factory=dict)
    """What the client was last told of its tokens; empty where it was told nothing."""
    status: int = 0
    """0 where there was no answer."""


class ModelServer:
    """The Messages API on 127.0.0.1. `url` is what `ANTHROPIC_BASE_URL` is to be."""

    def __init__(self, script: Step | None = None) -> None:
        self.script: Script = script_of(answer({}) if script is None else script)
        """What the model answers; may be set at any time."""
        self.requests: list[Request] = []
        """Every request, in the order they came."""
        self.offences: list[str] = []
        """What the API would refuse, or a client must never do."""
        self.most_at_once = 0
        """The highest number of requests for a message that were under way at the same time."""
        self.credentials = Credentials()
        self.cache = PromptCache()
        self.seals = Seals()
        self.closing = Event()
        self.lock = Lock()
        self._under_way: set[int] = set()
        self._server = _Server(self)
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.005})
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def calls(self) -> list[Request]:
        """The requests for a message, in the order they came."""
        return [request for request in self.requests if request.kind is Kind.MESSAGE]

    def close(self) -> None:
        """End everything, what is stalled among it."""
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> "ModelServer":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def begin(self, request: Request) -> None:
        """Count a request as under way, until it is over."""
        with self.lock:
            self._under_way.add(id(request))
            self.most_at_once = max(self.most_at_once, len(self._under_way))

    def over(self, request: Request) -> None:
        """The last of the answer is about to be sent: whoever has read it may ask again at once."""
        with self.lock:
            self._under_way.discard(id(request))


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, owner: ModelServer) -> None:
        self.owner = owner
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client may go at any time: that is no error of ours."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_PUT = do_DELETE = do_PATCH = do_GET

    def _serve(self) -> None:
        """Record the request and answer it; what is refused is an offence."""
        headers = {name.lower(): value for name, value in self.headers.items()}
        content = self.rfile.read(int(headers.get("content-length", 0)))
        request = Request(self.command, self.path, headers, None, monotonic())
        owner = self.server.owner
        with owner.lock:
            owner.requests.append(request)
            self._number = len(owner.requests)
        platform = Platform.ANTHROPIC
        try:
            route = routes.find(self.command, urlsplit(self.path).path)
            platform, request.kind = route.platform, route.kind
            if query := urlsplit(self.path).query:
                raise Refused(404, f"Not found: the parameters {query}")
            self._dispatch(route, request, content)
        except Refused as refused:
            self._refuse(request, platform, refused)
        except ConnectionError:
            self.close_connection = True
        except Exception as error:
            self._refuse(request, platform, Refused(400, "".join(traceback.format_exception(error, limit=-2))))

    def _dispatch(self, route: Route, request: Request, content: bytes) -> None:
        owner = self.server.owner
        if route.kind is not Kind.TOKEN:
            owner.credentials.check(route, request.headers)
        if route.kind is Kind.MODEL:
            self._json(request, *_card(route.model))
            return
        request.body = rules.parsed(content)
        if route.kind is Kind.TOKEN:
            self._json(request, 200, owner.credentials.exchange(request.headers, request.body))
            return
        body = routes.plain_body(route, request.headers, request.body)
        rules.check(body, counting=route.kind is Kind.COUNT)
        owner.seals.check(body)
        if route.kind is Kind.COUNT:
            self._json(request, 200, {"input_tokens": parts(body)[-1].total})
            return
        owner.begin(request)
        try:
            counted = owner.cache.count(body)
            self._answer(route, request, body, counted, owner.script(body))
        finally:
            owner.over(request)

    def _answer(self, route: Route, request: Request, body: Mapping[str, Any], counted: Counted, given: Answer) -> None:
        if isinstance(given, Stall):
            self.server.owner.closing.wait(given.seconds)
            self._answer(route, request, body, counted, given.then)
        elif isinstance(given, Reset):
            self.server.owner.over(request)
            wire.reset(self)
        elif isinstance(given, Http):
            self._send(request, given.status, given.body, given.headers)
        else:
            message = compose(given, body, counted, self.server.owner.seals, self._number)
            if body.get("stream"):
                self._stream(route, request, counted, message)
            else:
                self._whole(request, counted, message)

    def _whole(self, request: Request, counted: Counted, message: Composed) -> None:
        if message.said.fault or message.said.odd_events:
            raise ValueError("the script has something happen in a stream, and the request is for none")
        self.server.owner.cache.write(counted)
        request.usage = dict(message.usage)
        self._json(request, 200, message.whole())

    def _stream(self, route: Route, request: Request, counted: Counted, message: Composed) -> None:
        fault, bedrock = message.said.fault, route.platform is Platform.BEDROCK
        if fault and fault.after > sum(1 for _ in message.events()):
            raise ValueError("the script has something happen after more events than there are")
        kind = "application/vnd.amazon.eventstream" if bedrock else "text/event-stream; charset=utf-8"
        request.status = 200
        self.send_response(200)
        self._headers({"content-type": kind, "cache-control": "no-cache", "transfer-encoding": "chunked"})
        owner, frame = self.server.owner, wire.aws if bedrock else wire.sse
        line = wire.Line(self, frame, owner.closing, lambda: owner.over(request))
        line.send(self._noted(request, counted, message), message.said.pace, fault)

    def _noted(self, request: Request, counted: Counted, message: Composed) -> Iterator[Mapping[str, Any]]:
        """The events; what each changes is noted right before it is sent."""
        for event in message.events():
            if event["type"] == "message_start":
                self.server.owner.cache.write(counted)
                request.usage = dict(event["message"]["usage"])
            elif event["type"] == "message_delta":
                request.usage |= event["usage"]
            elif event["type"] == "message_stop":
                self.server.owner.over(request)
            yield event

    def _refuse(self, request: Request, platform: Platform, refused: Refused) -> None:
        with self.server.owner.lock:
            self.server.owner.offences.append(f"{request.method} {request.path}: {refused.message}")
        body = {**error(TYPES[refused.status], refused.message), "request_id": self._request_id}
        if platform is Platform.BEDROCK:
            body = {"message": refused.message}
        self._json(request, refused.status, body)

    def _json(self, request: Request, status: int, body: Mapping[str, Any]) -> None:
        self._send(request, status, json.dumps(body).encode(), {"content-type": "application/json"})

    def _send(self, request: Request, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        request.status = status
        self.server.owner.over(request)
        self.send_response(status)
        self._headers({**headers, "content-length": str(len(body))})
        self.wfile.write(body)

    @property
    def _request_id(self) -> str:
        return f"req_{self._number:024}"

    def _headers(self, headers: Mapping[str, str]) -> None:
        own = {"request-id": self._request_id, "anthropic-organization-id": "00000000-0000-0000-0000-000000000000"}
        for name, value in {**own, **headers}.items():
            self.send_header(name, value)
        self.end_headers()


def _card(name: str) -> tuple[int, dict[str, Any]]:
    """A model's card; 404, and no offence, for one that there is not: to ask is not to use."""
    found = models.known(name)
    return (200, models.info(found)) if found else (404, error(TYPES[404], f"model: {name}"))
