"""Sending email by GOV.UK Notify, and asking what became of it, as its REST API documents.

https://docs.notifications.service.gov.uk/rest-api.html. One template with the placeholders
((subject)) and ((body)) serves every email. Messages of errors change, so says that page, and their
types do not: nothing here reads a message, and so none is logged or shown. The tokens are signed
anew for each request, and live for 30 seconds.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

import msgspec
import structlog
from joserfc import jwt
from joserfc.jwk import OctKey
from msgspec.json import Decoder

from directory.security.mail.emails import Email, Fate, NotTaken, Taken
from federation import Answer, PeerClient, PeerMisbehaved, PeerUnreachable

UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_KEY = re.compile(rf"[!-~]*?({UUID})-({UUID})")
_UUID = re.compile(UUID)
_LIMIT = 64 * 1024
# Of most concern, says the API's page: they could make a link of somebody's name.
_MARKDOWN = re.compile(r"([\\\[\]()])")
_OURS = "Tell the node's operator"
_log = structlog.get_logger("mail")

_RETURNED = {
    "permanent-failure": NotTaken(
        "Their mail server knows no such address, or takes nothing from us", for_good=True
    ),
    "temporary-failure": NotTaken(
        "Their mail server did not take it for three days: the mailbox is full, or it was "
        "taken for spam"
    ),
    "technical-failure": NotTaken("GOV.UK Notify could not send it"),
}


class _Notification(msgspec.Struct):
    id: str = ""
    status: str = ""


class _Error(msgspec.Struct):
    error: str = ""


class _Refusal(msgspec.Struct):
    errors: list[_Error] = []


_notification = Decoder(_Notification)
_refusal = Decoder(_Refusal)


@dataclass(frozen=True, slots=True)
class NotifyMailer:
    """A service of GOV.UK Notify's, by its template (a UUID) and the file with its API key."""

    url: str
    template: str
    key_file: Path
    ca_bundle: Path | None = None

    def hand_over(self, email: Email) -> Taken | NotTaken:
        """Hand an email over; its receipt is the notification's id."""
        said = {
            "email_address": email.to,
            "template_id": self.template,
            "personalisation": {"subject": email.subject, "body": _escaped(email.text)},
        }
        answer = self._ask("POST", "v2/notifications/email", msgspec.json.encode(said))
        if isinstance(answer, NotTaken):
            return answer
        if answer.status != HTTPStatus.CREATED:
            return self._refused(answer)
        receipt = _said(answer).id
        if not _UUID.fullmatch(receipt):
            return self._refused(answer)
        return Taken(receipt)

    def came_of(self, receipt: str) -> Fate | NotTaken:
        """What has become of a notification. Where it cannot be asked just now, it is on its way;
        what Notify has forgotten, after seven days, counts as arrived.
        """
        if not _UUID.fullmatch(receipt):  # of a mail server that was used before
            return "on its way"
        answer = self._ask("GET", f"v2/notifications/{receipt}", None)
        if isinstance(answer, NotTaken):
            return "on its way"
        if answer.status == HTTPStatus.NOT_FOUND:
            return "arrived"
        if answer.status != HTTPStatus.OK:
            self._refused(answer)
            return "on its way"
        status = _said(answer).status
        return _RETURNED.get(status, "arrived" if status == "delivered" else "on its way")

    def _ask(self, method: str, path: str, body: bytes | None) -> Answer | NotTaken:
        client = PeerClient(self.url, ca_bundle=self.ca_bundle)
        headers = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
        try:
            token = _token(self.key_file.read_text("utf-8"))
            return client.exchange(method, path, body, headers, limit=_LIMIT, token=token)
        except (PeerUnreachable, PeerMisbehaved, OSError, ValueError) as error:
            # Not its words: they name the address that was asked, and with it the notification.
            _log.error("an email could not be sent", server=self.url, why=type(error).__name__)
            return NotTaken("GOV.UK Notify could not be reached")
        finally:
            client.close()

    def _refused(self, answer: Answer) -> NotTaken:
        kind = _kind(answer)
        _log.error("an email was not taken", server=self.url, status=answer.status, kind=kind)
        match answer.status:
            case HTTPStatus.BAD_REQUEST if kind == "ValidationError":
                return NotTaken("GOV.UK Notify says that it is no email address", for_good=True)
            case HTTPStatus.BAD_REQUEST:
                return NotTaken(
                    "GOV.UK Notify does not send it: its service for this node is in trial mode, "
                    f"or the template is not as it must be. {_OURS}"
                )
            case HTTPStatus.FORBIDDEN:
                return NotTaken(
                    "GOV.UK Notify does not accept the node's API key, or the node's clock is "
                    f"wrong. {_OURS}"
                )
            case HTTPStatus.TOO_MANY_REQUESTS:
                return NotTaken("GOV.UK Notify takes no more emails of this node's for now")
            case _:
                return NotTaken(f"GOV.UK Notify is out of order (HTTP {answer.status})")


def is_key(text: str) -> bool:
    """Whether it has the form of an API key: a name, the service's id and a secret."""
    return _KEY.fullmatch(text.strip()) is not None


def _token(key: str) -> str:
    """A token of RFC 7519, as the API wants it. Raises ValueError where there is no such key."""
    found = _KEY.fullmatch(key.strip())
    if found is None:
        raise ValueError("no API key of GOV.UK Notify")
    claims = {"iss": found[1], "iat": int(datetime.now(UTC).timestamp())}
    header = {"typ": "JWT", "alg": "HS256"}
    return jwt.encode(header, claims, OctKey.import_key(found[2]))


def _escaped(text: str) -> str:
    """A text in which Notify finds no Markdown; a line that is a link stays as it is."""
    lines = text.split("\n")
    return "\n".join(
        line if re.fullmatch(r"https?://\S+", line) else _MARKDOWN.sub(r"\\\1", line)
        for line in lines
    )


def _said(answer: Answer) -> _Notification:
    try:
        return _notification.decode(answer.body)
    except msgspec.MsgspecError:
        return _Notification()


def _kind(answer: Answer) -> str:
    """The type of the first error; of what is no such answer, and of a strange type, nothing."""
    try:
        errors = _refusal.decode(answer.body).errors
    except msgspec.MsgspecError:
        return ""
    kind = errors[0].error if errors else ""
    return kind if re.fullmatch("[A-Za-z]{1,40}", kind) else ""
