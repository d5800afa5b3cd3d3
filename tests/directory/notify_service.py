"""GOV.UK Notify on this machine, as its REST API documents it: tokens, templates, errors, statuses.

https://docs.notifications.service.gov.uk/rest-api.html. Tokens are checked with the standard
library, so that both sides cannot be wrong together.
"""

import hmac
import json
import re
import threading
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from queue import Queue
from typing import Any
from uuid import uuid4

from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from directory.security.mail.notify import NotifyMailer

SERVICE = "26785a09-ab16-4eb0-8407-a37497a57506"
SECRET = "3d844edf-8d35-48ac-975b-e847b4f122b0"
TEMPLATE = "9d751e0e-f929-4891-82a1-a3e1c3c18ee3"
KEY = f"my_test_key-{SERVICE}-{SECRET}"


@dataclass
class NotifyService:
    """What a service of Notify's was given to send, and what became of it, by id.

    `refuses` answers every request so: status, type of error, message. To `nobody@` and `full@`
    nothing can be delivered.
    """

    url: str = ""
    came: Queue[tuple[str, str, str]] = field(default_factory=Queue)
    statuses: dict[str, str] = field(default_factory=dict)
    refuses: tuple[int, str, str] | None = None
    asked: list[str] = field(default_factory=list)
    received: list[bytes] = field(default_factory=list)

    def __call__(self, environ: dict[str, Any], start: Any) -> Any:
        request = Request(environ)
        self.asked.append(f"{request.method} {request.path}")
        self.received.append(request.get_data())
        return self._answer(request)(environ, start)

    def _answer(self, request: Request) -> Response:
        if self.refuses:
            return _error(*self.refuses)
        if why := _why_not(request.headers.get("Authorization", "")):
            return _error(403, "AuthError", why)
        if request.method == "POST" and request.path == "/v2/notifications/email":
            return self._email(request)
        found = re.fullmatch("/v2/notifications/([^/]+)", request.path)
        if found and request.method == "GET":
            if found[1] not in self.statuses:
                return _error(404, "NoResultFound", "No result found")
            return _json(200, {"id": found[1], "type": "email", "status": self.statuses[found[1]]})
        return _error(404, "NotFound", "The requested URL was not found")

    def _email(self, request: Request) -> Response:
        said = json.loads(request.get_data())
        if request.mimetype != "application/json" or not said.keys() <= {
            *("email_address", "template_id", "personalisation", "reference", "email_reply_to_id"),
            *("one_click_unsubscribe_url", "sanitise_content_for"),
        }:
            return _error(400, "ValidationError", "Additional properties are not allowed")
        to = said["email_address"]
        if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", to):
            return _error(400, "ValidationError", "email_address Not a valid email address")
        if said["template_id"] != TEMPLATE:
            return _error(400, "BadRequestError", "Template not found")
        fields = said.get("personalisation", {})
        if missing := {"subject", "body"} - fields.keys():
            return _error(400, "BadRequestError", f"Missing personalisation: {missing}")
        number = str(uuid4())
        self.statuses[number] = {
            "nobody": "permanent-failure",
            "full": "temporary-failure",
        }.get(to.partition("@")[0], "sending")
        body = re.sub(r"\\([\\\[\]()])", r"\1", fields["body"])
        self.came.put((to, fields["subject"], body))
        return _json(
            201,
            {
                "id": number,
                "reference": None,
                "content": {"subject": fields["subject"], "body": body, "from_email": "x@y.gov.uk"},
                "uri": f"{self.url}/v2/notifications/{number}",
                "template": {"id": TEMPLATE, "version": 1, "uri": ""},
                "sanitised_content": {},
            },
        )


@contextmanager
def notify_service(folder: Path) -> Iterator[tuple[NotifyService, NotifyMailer]]:
    """A service that runs, and a mailer that knows its key."""
    service = NotifyService()
    server = make_server("127.0.0.1", 0, service, threaded=True, request_handler=_Quiet)
    service.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    key = folder / "notify.key"
    key.write_text(f"{KEY}\n")
    try:
        yield service, NotifyMailer(service.url, TEMPLATE, key)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Quiet(WSGIRequestHandler):
    def log_request(self, *_: object, **__: object) -> None:
        pass


def _why_not(header: str) -> str | None:
    """Why a token is not accepted (RFC 7519, RFC 7515 with HS256)."""
    found = re.fullmatch(r"Bearer (([\w-]+)\.([\w-]+))\.([\w-]+)", header)
    if found is None:
        return "Unauthorized: authentication token must be provided"
    if json.loads(_plain(found[2])) != {"typ": "JWT", "alg": "HS256"}:
        return "Invalid token: algorithm used is not HS256"
    signature = hmac.digest(SECRET.encode(), found[1].encode(), sha256)
    if urlsafe_b64encode(signature).rstrip(b"=") != found[4].encode():
        return "Invalid token: API key not found"
    claims = json.loads(_plain(found[3]))
    if claims.get("iss") != SERVICE:
        return "Invalid token: service not found"
    if abs(time.time() - claims.get("iat", 0)) > 30:
        return "Error: Your system clock must be accurate to within 30 seconds"
    return None


def _plain(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _error(status: int, kind: str, message: str) -> Response:
    said = {"status_code": status, "errors": [{"error": kind, "message": message}]}
    return _json(status, said)


def _json(status: int, said: dict[str, Any]) -> Response:
    return Response(json.dumps(said), status, mimetype="application/json")
