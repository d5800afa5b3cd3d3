"""Clauses of sections 13 and 14: what each resource answers, to whom, and how much of it."""

from msgspec.json import Decoder

from federation.client import Answer
from federation.conformance.clause import Broken, clause
from federation.conformance.tokens import member, token
from federation.conformance.visit import Visit
from federation.peers import FORM, JOSE, MAX_ANSWER
from protocols.encoding import decode_json
from protocols.errors import Malformed
from protocols.problems import MEDIA_TYPE
from protocols.tiles import Tile

_object: Decoder[dict[str, object]] = Decoder(dict[str, object])

_OCTETS = "application/octet-stream"
_CHECKPOINT = "text/plain; charset=utf-8"
_NOWHERE = f"log/{Tile(0, 999_999_999).path}"
_PAYLOADS = "log/payloads/000.p/1"
_UNSERVED = "E99999999"
_MADE_UP = "bm90LWEtdG9rZW4"


@clause("13/served")
def served(visit: Visit) -> None:
    """The checkpoint is served, and so are the tiles and bundles that its size requires."""
    for tile in visit.log.sample:
        visit.log.tile_answer(tile)
        visit.log.bundle_answer(tile)


@clause("13/answers")
def answers(visit: Visit) -> None:
    """All that is asked is answered, in time and as HTTP has it."""
    visit.log.read_checkpoint()


@clause("13/redirect")
def redirect(visit: Visit) -> None:
    """Nothing that is asked is answered with another address."""
    visit.log.read_checkpoint()


@clause("14/length")
def length(visit: Visit) -> None:
    """No answer is longer than it may be, unpacked where it comes as gzip."""
    served.check(visit)


@clause("13/media-type")
def media_type(visit: Visit) -> None:
    """The checkpoint is `text/plain; charset=utf-8`; tiles and bundles are
    `application/octet-stream`.
    """
    _is_of_type("log/checkpoint", visit.log.checkpoint, _CHECKPOINT)
    for tile in visit.log.sample:
        _is_of_type(f"log/{tile.path}", visit.log.tile_answer(tile), _OCTETS)
        _is_of_type(f"log/{tile.entries_path}", visit.log.bundle_answer(tile), _OCTETS)


@clause("13/encoding")
def encoding(visit: Visit) -> None:
    """An answer is gzip only where the request allows that it is."""
    paths = ["log/checkpoint"]
    if visit.log.head.size:
        paths.append(f"log/{visit.log.sample[-1].entries_path}")
    for path in paths:
        answer = visit.ask("GET", path, None, {"Accept-Encoding": "identity"}, MAX_ANSWER * 300)
        if answer.headers.get("Content-Encoding", "identity") != "identity":
            raise Broken("13/encoding", f"{path}: packed, though only identity was asked for")


@clause("13/members")
def members(visit: Visit) -> None:
    """What is for members is answered 401 without a token, and with one that nobody gave."""
    for method, path, kind, made_up in (
        ("GET", _PAYLOADS, FORM, None),
        ("GET", _PAYLOADS, FORM, _MADE_UP),
        ("POST", f"inbox/{_UNSERVED}", JOSE, None),
        ("POST", "ping", FORM, None),
        ("GET", "snapshot", FORM, None),
        ("POST", "erasures", JOSE, _MADE_UP),
    ):
        answer = _ask(visit, method, path, kind, made_up)
        if answer.status != 401:
            how = "with a token that nobody gave" if made_up else "without a token"
            raise Broken("13/members", f"{path}: answered {answer.status} {how}")


@clause("13/problems")
def problems(visit: Visit) -> None:
    """What goes wrong is answered as problem details (RFC 9457) that say the status."""
    for path in (_NOWHERE, _PAYLOADS):
        answer = _ask(visit, "GET", path, FORM, None)
        if answer.status in (401, 404):
            _is_problem(path, answer)


@clause("13/inbox", for_members=True)
def inbox(visit: Visit) -> None:
    """A message for an authority that is not served here is answered 404, and one that is not of
    the type `application/jose` 415.
    """
    served_here = f"inbox/{member(visit).recipient}"
    for path, kind, status in (
        (f"inbox/{_UNSERVED}", JOSE, 404),
        (served_here, "application/json", 415),
    ):
        answer = _ask(visit, "POST", path, kind, token(visit))
        if answer.status != status:
            raise Broken("13/inbox", f"{path}: answered {answer.status} to {kind}")


@clause("13/ping", for_members=True)
def ping(visit: Visit) -> None:
    """A member's ping is answered 200, with nothing in it."""
    answer = _ask(visit, "POST", "ping", FORM, token(visit))
    if answer.status != 200 or answer.body:
        raise Broken("13/ping", f"answered {answer.status} and {len(answer.body)} bytes")


def _ask(visit: Visit, method: str, path: str, kind: str, bearer: str | None) -> Answer:
    body = None if method == "GET" else b""
    return visit.ask(method, path, body, {"Content-Type": kind}, MAX_ANSWER, bearer)


def _is_of_type(path: str, answer: Answer, wanted: str) -> None:
    kind = answer.headers.get("Content-Type", "")
    if kind.lower().replace(" ", "") != wanted.replace(" ", ""):
        raise Broken("13/media-type", f"{path}: is {kind[:99]!r} instead of {wanted!r}")


def _is_problem(path: str, answer: Answer) -> None:
    kind = answer.headers.get("Content-Type", "").partition(";")[0]
    try:
        said = decode_json(answer.body, _object, "problem").get("status")
    except Malformed:
        said = None
    if kind != MEDIA_TYPE or said != answer.status:
        raise Broken("13/problems", f"{path}: {answer.status} comes as {kind[:99]!r}")


RESOURCES = (
    *(served, answers, redirect, length, media_type, encoding, members, problems, inbox, ping),
)
