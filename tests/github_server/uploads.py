"""What workflow runs leave behind: listed by the API, and kept by another host, which must never see a token."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from githubkit_schemas.v2026_03_10 import models

from tests.github_server import state
from tests.github_server.schema import NOW, example
from tests.github_server.server import Answer, GitHubServer, Request, route
from tests.github_server.state import Refused, Repository, Upload


class Elsewhere(Refused):
    """An answer that sends the client to another address."""

    def __init__(self, location: str) -> None:
        super().__init__(302, "error", {"message": "Found"})
        self.headers = {"Location": location}


@route("GET", "/actions/runs/{}/artifacts", parameters=("name",))
def _list_uploads(server: GitHubServer, request: Request, repo: Repository, run_id: str) -> Answer:
    wanted = request.query.get("name")
    found = [upload for upload in repo.uploads if upload.run_id == int(run_id) and wanted in (None, upload.name)]
    shown = [_shown(repo, upload, server.url) for upload in reversed(found)]
    return 200, "uploads", {"total_count": len(shown), "artifacts": shown}


@route("GET", "/actions/artifacts/{}/zip")
def _download(server: GitHubServer, request: Request, repo: Repository, number: str) -> Answer:
    upload = next((each for each in repo.uploads if each.id == int(number)), None)
    if upload is None:
        raise state.not_found()
    if upload.is_expired:
        raise Refused(410, "error", {"message": "Artifact has expired", "status": "410"})
    raise Elsewhere(f"{server.storage}/{repo.name}/{upload.id}?sig=abc")


def _shown(repo: Repository, upload: Upload, url: str) -> dict[str, Any]:
    return example(
        models.Artifact,
        id=upload.id,
        name=upload.name,
        size_in_bytes=len(upload.content) if upload.size is None else upload.size,
        expired=upload.is_expired,
        archive_download_url=f"{url}/repos/{repo.name}/actions/artifacts/{upload.id}/zip",
        created_at=NOW,
        expires_at=NOW,
        updated_at=NOW,
    )


@contextmanager
def storage(server: GitHubServer) -> Iterator[None]:
    """The other host, for as long as this lasts. A token that reaches it is an offence."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            if self.headers.get("Authorization"):
                server.offences.append("the token went to another host")
            number = int(self.path.partition("?")[0].rpartition("/")[2])
            uploads = [upload for repo in server.repositories.values() for upload in repo.uploads]
            content = next(upload.content for upload in uploads if upload.id == number)
            self.send_response(200)
            self.send_header("Content-Type", "application/zip")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    host = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=host.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    server.storage = f"http://127.0.0.1:{host.server_address[1]}"
    try:
        yield
    finally:
        host.shutdown()
        host.server_close()
        thread.join()
