"""Clauses of section 13.2: a witness of the charter's committee, by each status of tlog-witness.

A witness is asked about the log of its own node, whose checkpoint it has cosigned as any other.
Nothing that is asked changes what it holds, but that it may cosign that checkpoint again.
"""

from dataclasses import dataclass
from hashlib import sha256

from federation.client import Answer
from federation.conformance.clause import Broken, NotAsked, clause
from federation.conformance.visit import Visit
from federation.peers import MAX_ANSWER
from protocols.checkpoint import Checkpoint, open_listed_checkpoint, sign_checkpoint
from protocols.cosignature import Cosigner
from protocols.errors import ProtocolError
from protocols.keys import PrivateKey, Purpose
from protocols.note import MAX_NOTE, NoteSigner
from protocols.policy import Policy, Witness, require_quorum
from protocols.witnessing import AddCheckpoint, read_conflict, read_cosignatures

_NOBODY = PrivateKey(Purpose.LOG, sha256(b"commonhearth/conformance").digest())
_SIZE = "text/x.tlog.size"
_NOTE = "text/plain; charset=utf-8"


@dataclass(frozen=True)
class _Tried:
    """A witness, and the checkpoint of its own node's log that it shows as cosigned last."""

    cosigner: Cosigner
    note: bytes
    head: Checkpoint


@clause("13.2/shown")
def shown(visit: Visit) -> None:
    """What a witness shows as cosigned last is signed by the log and by itself."""
    _tried(visit)


@clause("13.2/form")
def form(visit: Visit) -> None:
    """What is no request to a witness is answered 400, and so is an old size above the new."""
    tried = _tried(visit)
    above = AddCheckpoint(tried.head.size + 1, (), tried.note).encode()
    for body in (b"", b"old 00\n\n" + tried.note, b"old 0\nno hash\n\n" + tried.note, above):
        _is("13.2/form", _add(visit, body), 400)


@clause("13.2/signed")
def signed(visit: Visit) -> None:
    """A checkpoint that the log's own key did not sign is answered 403."""
    origin = _tried(visit).head.origin
    note = sign_checkpoint(Checkpoint(origin, 1, bytes(32)), NoteSigner(origin, _NOBODY))
    _is("13.2/signed", _add(visit, AddCheckpoint(0, (), note).encode()), 403)


@clause("13.2/known-log")
def known_log(visit: Visit) -> None:
    """A checkpoint of a log that is no member's is answered 404."""
    _witness(visit)
    origin = "nobody.example/log"
    note = sign_checkpoint(Checkpoint(origin, 1, bytes(32)), NoteSigner(origin, _NOBODY))
    _is("13.2/known-log", _add(visit, AddCheckpoint(0, (), note).encode()), 404)


@clause("13.2/conflict")
def conflict(visit: Visit) -> None:
    """An old size that is not that of what was cosigned last is answered 409, with the size that
    is, in decimal and a newline, as `text/x.tlog.size`.
    """
    tried = _tried(visit)
    answer = _add(visit, AddCheckpoint(0, (), tried.note).encode())
    _is("13.2/conflict", answer, 409)
    try:
        size = read_conflict(answer.body)
    except ProtocolError as error:
        raise Broken("13.2/conflict", str(error)) from error
    if size != tried.head.size:
        raise Broken("13.2/conflict", f"says {size}, and shows {tried.head.size}")


@clause("13.2/consistent")
def consistent(visit: Visit) -> None:
    """A proof that does not fit is answered 422."""
    tried = _tried(visit)
    wrong = AddCheckpoint(tried.head.size, (bytes(32),), tried.note)
    _is("13.2/consistent", _add(visit, wrong.encode()), 422)


@clause("13.2/cosigned")
def cosigned(visit: Visit) -> None:
    """A checkpoint that goes on from what was cosigned last is answered with a cosignature of it
    that verifies.
    """
    tried = _tried(visit)
    answer = _add(visit, AddCheckpoint(tried.head.size, (), tried.note).encode())
    _is("13.2/cosigned", answer, 200)
    try:
        read_cosignatures(answer.body, tried.note, tried.cosigner)
    except ProtocolError as error:
        raise Broken("13.2/cosigned", str(error)) from error


def _witness(visit: Visit) -> tuple[Cosigner, str]:
    """The witness that is tried, and its own node's origin; NotAsked where it is none."""
    for charter in (kept.charter for kept in visit.charters[-1:]):
        own = {
            key: one
            for one in charter.members
            if one.url == visit.url
            for key in one.keys_for(Purpose.WITNESS)
        }
        for witness in charter.committee.witnesses if charter.committee else ():
            if member := own.get(witness.cosigner.key):
                return witness.cosigner, member.origin
    raise NotAsked("no charter was given that names this node as a witness")


def _tried(visit: Visit) -> _Tried:
    cosigner, origin = _witness(visit)
    answer = visit.get(f"{sha256(origin.encode()).hexdigest()}/checkpoint", MAX_NOTE)
    if answer.status == 404:
        raise NotAsked("the witness has cosigned nothing of its own node's log yet")
    _is("13.2/shown", answer, 200)
    own = Policy((), (Witness("own", cosigner),), (), "own")
    try:
        require_quorum(answer.body, own)
        head = open_listed_checkpoint(answer.body, visit.verifiers)
    except ProtocolError as error:
        raise Broken("13.2/shown", str(error)) from error
    if not head.size:
        raise NotAsked("the log is empty")
    return _Tried(cosigner, answer.body, head)


def _add(visit: Visit, body: bytes) -> Answer:
    headers = {"Content-Type": _NOTE, "Accept-Encoding": "identity"}
    return visit.ask("POST", "add-checkpoint", body, headers, MAX_ANSWER)


def _is(name: str, answer: Answer, status: int) -> None:
    kind = answer.headers.get("Content-Type", "").lower()
    if answer.status != status:
        raise Broken(name, f"answered {answer.status} instead of {status}")
    if status == 409 and kind != _SIZE:
        raise Broken(name, f"the size comes as {kind[:99]!r}")


WITNESSES = (shown, form, signed, known_log, conflict, consistent, cosigned)
