"""Nodes that are wrong in one thing: each a real node behind a function that changes one answer.

A function gets what was asked and gives another answer, or None where the node's own is good
enough. `WRONG` says which clause of the suite each of them breaks. `PLAIN` are those that anybody
who writes a node might come to; the others break the clauses that are left.
"""

import gzip
import io
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeAlias
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import msgspec
from joserfc import jwe
from joserfc.errors import JoseError
from werkzeug.wrappers import Request, Response

from federation import Node, OwnLog
from federation.peers import sign_assertion, token_form
from protocols.checkpoint import Checkpoint, parse_checkpoint, sign_checkpoint
from protocols.cosignature import cosign
from protocols.encoding import b64, b64url, from_b64url
from protocols.entries import pack_blobs, unpack_blobs
from protocols.errors import Malformed
from protocols.keys import PrivateKey, Purpose
from protocols.merkle import HASH_SIZE, Frontier, leaf_hash, split_hashes, subtree_root
from protocols.messages import sealed_digest, signed_digest
from protocols.note import NoteSigner, sign_note
from protocols.receipts import Receipt, sign_receipt
from protocols.tiles import (
    TILE_WIDTH,
    Tile,
    node_reader,
    pack_entries,
    parse_index_path,
    tile_at,
    unpack_entries,
)
from tests.federation.worlds import World

CHECKPOINT = "/log/checkpoint"


@dataclass
class There:
    """The node that a fault stands before, what keys it has, and what the fault remembers."""

    world: World
    honest: WSGIApplication
    erased: bytes = b""
    memory: dict[str, Any] = field(default_factory=dict)

    @property
    def node(self) -> Node:
        return self.world["leeds"]

    @property
    def log(self) -> OwnLog:
        return OwnLog(self.node.node_db)

    @property
    def signer(self) -> NoteSigner:
        (signer,) = self.node.log_signers(0)
        return signer

    @property
    def head(self) -> Checkpoint:
        text = self.log.checkpoint().decode().rpartition("\n\n")[0]
        return parse_checkpoint(text + "\n")

    def answer(self, environ: WSGIEnvironment) -> Any:
        """What the node itself says."""
        return Response.from_app(self.honest, environ, buffered=True)

    def note(self, checkpoint: Checkpoint) -> bytes:
        return sign_checkpoint(checkpoint, self.signer)

    def cosigned(self, text: str, name: str) -> str:
        """The cosignature of a witness over a checkpoint's text."""
        key = self.world[name].keys.node_key(Purpose.WITNESS)
        (cosigner,) = self.world.member(name).cosigners
        return cosign(text, cosigner.name, key, int(self.world.clock().timestamp()))

    def token(self) -> Response:
        """A token that Kent gets as it should."""
        key = self.world["kent"].keys.node_key(Purpose.ACCESS)
        url = f"{self.node.member.url}/token"
        form = token_form(sign_assertion(key, "kent", url, self.world.clock()))
        kind = "application/x-www-form-urlencoded"
        made = Request.from_values("/token", method="POST", data=form, content_type=kind)
        answer: Response = self.answer(made.environ)
        assert answer.status_code == 200
        return answer


Fault: TypeAlias = Callable[[There, Request], Response | None]


class WrongNode:
    """A node with a fault, as a server serves it."""

    def __init__(self, there: There, fault: Fault) -> None:
        self._there = there
        self._fault = fault

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        request.get_data()  # kept, and given to the node again
        answer = self._fault(self._there, request)
        if answer is None:
            answer = self._there.answer(_again(request))
        return answer(environ, start)


def _again(request: Request) -> WSGIEnvironment:
    """The same request, to be read once more."""
    body = io.BytesIO(request.get_data())
    mine = ("werkzeug.request", "wsgi.input")
    return {k: v for k, v in request.environ.items() if k not in mine} | {"wsgi.input": body}


def octets(body: bytes, **headers: str) -> Response:
    kind = {"Content-Type": "application/octet-stream"}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(body, headers=kind | named)


def checkpoint(there: There, note: bytes) -> Response:
    """A checkpoint as it is served, with the committee's cosignatures: they are not the fault."""
    text = note.decode().rpartition("\n\n")[0] + "\n"
    lines = "".join(f"{there.cosigned(text, name)}\n" for name in ("kent", "leeds"))
    kind, headers = "text/plain; charset=utf-8", {"Cache-Control": "no-store"}
    return Response(note + lines.encode(), content_type=kind, headers=headers)


def tile_asked(there: There, request: Request, kind: str) -> Tile | None:
    """The tile, of a level or `entries`, that a request asks for; None where the log has none."""
    start, size = f"/log/tile/{kind}/", there.head.size
    if not request.path.startswith(start):
        return None
    try:
        tile = Tile(
            int(kind.replace("entries", "0")), *parse_index_path(request.path[len(start) :])
        )
        return tile if tile == tile_at(tile.level, tile.index, size) else None
    except Malformed:
        return None


# --- The checkpoint ---------------------------------------------------------------------------


def wrong_key_id(there: There, request: Request) -> Response | None:
    """Signs under a key id that is of another name."""
    if request.path != CHECKPOINT:
        return None
    text = there.head.text
    key = there.signer
    line = b64(b"\0\0\0\0" + key.key.sign(text.encode()))
    return checkpoint(there, f"{text}\n— {key.name} {line}\n".encode())


def signature_over_other_bytes(there: There, request: Request) -> Response | None:
    """Signs the text without its last newline."""
    if request.path != CHECKPOINT:
        return None
    text, key = there.head.text, there.signer
    signed = key.verifier.key_id + key.key.sign(text[:-1].encode())
    return checkpoint(there, f"{text}\n— {key.name} {b64(signed)}\n".encode())


def a_note_with_a_line_that_is_no_signature(there: There, request: Request) -> Response | None:
    if request.path != CHECKPOINT:
        return None
    answer = there.answer(_again(request))
    answer.set_data(answer.get_data() + b"and more\n")
    return answer  # type: ignore[no-any-return]


def extension_lines(there: There, request: Request) -> Response | None:
    if request.path != CHECKPOINT:
        return None
    return checkpoint(there, sign_note(there.head.text + "more\n", [there.signer]))


def another_origin(there: There, request: Request) -> Response | None:
    """Signs, with its key, for a log of another name."""
    if request.path != CHECKPOINT:
        return None
    other = Checkpoint("elsewhere.example/log", there.head.size, there.head.root)
    return checkpoint(there, sign_note(other.text, [there.signer]))


def a_checkpoint_that_rolls_back(there: There, request: Request) -> Response | None:
    """Shows an older checkpoint to who reads a second time."""
    if request.path != CHECKPOINT:
        return None
    reads = there.memory["reads"] = there.memory.get("reads", 0) + 1
    if reads == 1:
        return None
    older = there.head.size - 3
    root = subtree_root(0, older, node_reader(older, there.log.tile))
    return checkpoint(there, there.note(Checkpoint(there.head.origin, older, root)))


def a_root_that_its_tiles_do_not_give(there: There, request: Request) -> Response | None:
    if request.path != CHECKPOINT:
        return None
    return checkpoint(there, there.note(Checkpoint(there.head.origin, there.head.size, bytes(32))))


# --- The tree ---------------------------------------------------------------------------------


def forged(there: There, request: Request, read: Callable[[Tile], bytes]) -> Response | None:
    """Tiles as `read` gives them, and the root that follows from them."""
    size = there.head.size
    if request.path == CHECKPOINT:
        root = subtree_root(0, size, node_reader(size, read))
        return checkpoint(there, there.note(Checkpoint(there.head.origin, size, root)))
    for level in ("0", "1"):
        if tile := tile_asked(there, request, level):
            return octets(read(tile))
    return None


def tiles_over(there: There, leaf: Callable[[bytes, int], bytes]) -> Callable[[Tile], bytes]:
    """How the tiles would be if the hash of a leaf were another."""

    def read(tile: Tile) -> bytes:
        if tile.level == 0:
            entries = unpack_entries(there.log.entries(tile), tile.width)
            return b"".join(leaf(raw, tile.start + at) for at, raw in enumerate(entries))
        below = [read(Tile(0, tile.index * TILE_WIDTH + at)) for at in range(tile.width)]
        return b"".join(Frontier().extend(split_hashes(one))[0].root() for one in below)

    return read


def wrong_leaf_prefix(there: There, request: Request) -> Response | None:
    """Hashes a leaf as if it were a node."""
    return forged(there, request, tiles_over(there, lambda raw, _: leaf_hash(b"\x01" + raw)))


def wrong_node_prefix(there: There, request: Request) -> Response | None:
    """Hashes what is below a tile in another way than what is within."""

    def read(tile: Tile) -> bytes:
        hashes = there.log.tile(tile)
        return hashes if tile.level == 0 else b"".join(map(leaf_hash, split_hashes(hashes)))

    return forged(there, request, read)


def an_entry_that_is_no_entry(there: There, request: Request) -> Response | None:
    """Writes JSON with white space into its log."""

    def spaced(raw: bytes, index: int) -> bytes:
        return raw.replace(b":", b": ") if index == 3 else raw

    if tile := tile_asked(there, request, "entries"):
        entries = unpack_entries(there.log.entries(tile), tile.width)
        return octets(pack_entries(spaced(raw, tile.start + at) for at, raw in enumerate(entries)))
    return forged(there, request, tiles_over(there, lambda raw, at: leaf_hash(spaced(raw, at))))


def stale_partial_tile(there: There, request: Request) -> Response | None:
    """Serves, as the partial tile of now, the one of a while ago."""
    tile = tile_asked(there, request, "0")
    if tile is None or tile.width == TILE_WIDTH:
        return None
    return octets(there.log.tile(tile)[: -3 * HASH_SIZE])


def changed_entries(
    there: There, request: Request, change: Callable[[list[bytes]], bytes]
) -> Response | None:
    tile = tile_asked(there, request, "entries")
    if tile is None:
        return None
    return octets(change(unpack_entries(there.log.entries(tile), tile.width)))


def unsorted_bundle(there: There, request: Request) -> Response | None:
    """Gives two entries in the place of each other."""
    return changed_entries(there, request, lambda given: pack_entries([*given[1::-1], *given[2:]]))


def misaligned_bundle(there: There, request: Request) -> Response | None:
    """Writes lengths with their lower byte first."""

    def pack(given: list[bytes]) -> bytes:
        return b"".join(len(entry).to_bytes(2, "little") + entry for entry in given)

    return changed_entries(there, request, pack)


def any_spelling_of_a_path(there: There, request: Request) -> Response | None:
    return octets(bytes(32)) if request.path == "/log/tile/0/0" else None


def tiles_that_are_not_there_yet(there: There, request: Request) -> Response | None:
    """Fills up with nothing what is asked for beyond the end."""
    beyond = re.fullmatch(r"/log/tile/0/x001/[0-9]{3}", request.path)
    return octets(bytes(TILE_WIDTH * HASH_SIZE)) if beyond else None


# --- Payloads ---------------------------------------------------------------------------------


def changed_payloads(
    there: There, request: Request, change: Callable[[list[bytes]], list[bytes]]
) -> Response | None:
    if not request.path.startswith("/log/payloads/"):
        return None
    answer = there.answer(_again(request))
    tile = Tile(0, *parse_index_path(request.path.removeprefix("/log/payloads/")))
    if answer.status_code == 200:
        answer.set_data(pack_blobs(change(unpack_blobs(answer.get_data(), tile.width))))
    return answer  # type: ignore[no-any-return]


def payload_of_another_digest(there: There, request: Request) -> Response | None:
    def swap(given: list[bytes]) -> list[bytes]:
        return [*given[:5], *given[6:4:-1], *given[7:]]

    return changed_payloads(there, request, swap)


def an_erased_payload_that_is_still_there(there: There, request: Request) -> Response | None:
    if not request.path.endswith("/000"):
        return None
    return changed_payloads(there, request, lambda given: [there.erased, *given[1:]])


def misaligned_payloads(there: There, request: Request) -> Response | None:
    return changed_payloads(there, request, lambda given: [*given, b"and one more"])


def payloads_that_may_be_cached(there: There, request: Request) -> Response | None:
    if not request.path.startswith("/log/payloads/"):
        return None
    answer = there.answer(_again(request))
    answer.headers["Cache-Control"] = "public, max-age=3600"
    return answer  # type: ignore[no-any-return]


# --- The snapshot -----------------------------------------------------------------------------


def changed_snapshot(
    there: There, request: Request, change: Callable[[dict[str, Any]], Any], purpose: str = "access"
) -> Response | None:
    """The snapshot with its members changed, signed anew."""
    answer: Response = there.answer(_again(request))
    if request.path != "/snapshot" or answer.status_code != 200:
        return answer
    said = json.loads(from_b64url(answer.get_data(as_text=True).split(".")[1], "x"))
    change(said)
    key = there.node.keys.node_key(Purpose(purpose))
    header = {"alg": "Ed25519", "typ": "commonhearth-snapshot+jws", "kid": key.public.kid}
    start = ".".join(b64url(msgspec.json.encode(part)) for part in (header, said))
    answer.set_data(f"{start}.{b64url(key.sign(start.encode()))}")
    return answer


def snapshot_without_expiry(there: There, request: Request) -> Response | None:
    return changed_snapshot(there, request, lambda said: said.pop("expires"))


def snapshot_by_another_key(there: There, request: Request) -> Response | None:
    return changed_snapshot(there, request, lambda said: None, "log")


def snapshot_that_goes_back(there: There, request: Request) -> Response | None:
    """Gives each reader one of a lower number."""
    reads = there.memory["snapshots"] = there.memory.get("snapshots", 0) + 1
    return changed_snapshot(there, request, lambda said: said.update(number=said["number"] - reads))


def snapshot_that_may_be_cached(there: There, request: Request) -> Response | None:
    answer = there.answer(_again(request))
    if request.path == "/snapshot":
        answer.headers["Cache-Control"] = "public"
    return answer  # type: ignore[no-any-return]


# --- What each resource answers ---------------------------------------------------------------


def token_ignored(there: There, request: Request) -> Response | None:
    """Gives payloads to anybody."""
    if request.path != "/log/payloads/000.p/1":
        return None
    return octets(there.log.payloads(Tile(0, 0, 1)), Cache_Control="no-store")


def redirect(there: There, request: Request) -> Response | None:
    """Sends who asks for entries to another address."""
    if not request.path.startswith("/log/tile/entries/"):
        return None
    return Response(status=302, headers={"Location": "http://169.254.169.254/latest"})


def unbounded_gzip(there: There, request: Request) -> Response | None:
    """Gives a tile that unpacks to a megabyte."""
    if tile_asked(there, request, "0") is None:
        return None
    return octets(gzip.compress(bytes(1_000_000)), Content_Encoding="gzip")


def unasked_gzip(there: There, request: Request) -> Response | None:
    if request.path != CHECKPOINT or "gzip" in request.headers.get("Accept-Encoding", ""):
        return None
    answer = there.answer(_again(request))
    answer.set_data(gzip.compress(answer.get_data()))
    answer.headers["Content-Encoding"] = "gzip"
    return answer  # type: ignore[no-any-return]


def no_partial_tiles(there: There, request: Request) -> Response | None:
    """Serves full tiles alone."""
    partial = request.path.startswith("/log/tile/") and ".p/" in request.path
    return Response(status=404) if partial else None


def an_answer_that_breaks_off(there: There, request: Request) -> Response | None:
    if not request.path.startswith("/log/tile/entries/"):
        return None
    return Response([b"and so"], headers={"Content-Length": "1000"})


def tiles_as_text(there: There, request: Request) -> Response | None:
    answer = there.answer(_again(request))
    if request.path.startswith("/log/tile/") and answer.status_code == 200:
        answer.headers["Content-Type"] = "text/html"
    return answer  # type: ignore[no-any-return]


def unauthorised_without_problem_details(there: There, request: Request) -> Response | None:
    answer = there.answer(_again(request))
    return Response("Who are you?", 401) if answer.status_code == 401 else answer


def problem_details_that_are_no_json(there: There, request: Request) -> Response | None:
    answer = there.answer(_again(request))
    if answer.status_code == 401:
        answer.set_data(b"<p>Who are you?</p>")
    return answer


def a_ping_that_says_something(there: There, request: Request) -> Response | None:
    answer = there.answer(_again(request))
    return octets(b"pong") if request.path == "/ping" and answer.status_code == 200 else answer


def an_inbox_that_takes_any_type(there: There, request: Request) -> Response | None:
    answer = there.answer(_again(request))
    return Response(status=200) if answer.status_code == 415 else answer


def another_charter(there: There, request: Request) -> Response | None:
    """Shows a charter that was changed after it was signed."""
    if not request.path.startswith("/charter"):
        return None
    answer = there.answer(_again(request))
    answer.set_data(answer.get_data().replace(b'"Test"', b'"Other"'))
    return answer  # type: ignore[no-any-return]


def a_copy_that_its_author_did_not_sign(there: There, request: Request) -> Response | None:
    """Signs, for another's log, in that log's name."""
    if request.path != "/mirror/kent/log/checkpoint":
        return None
    answer = there.answer(_again(request))
    text = answer.get_data(as_text=True).rpartition("\n\n")[0] + "\n"
    name = there.world.member("kent").origin
    answer.set_data(sign_note(text, [NoteSigner(name, there.signer.key)]))
    return answer  # type: ignore[no-any-return]


# --- The witness ------------------------------------------------------------------------------


def witness_that_says(there: There, request: Request, status: int, instead: Response) -> Response:
    answer: Response = there.answer(_again(request))
    asked = request.path == "/add-checkpoint" and answer.status_code == status
    return instead if asked else answer


def a_form_that_is_not_looked_at(there: There, request: Request) -> Response | None:
    return witness_that_says(there, request, 400, Response(status=500))


def unsigned_checkpoints_are_looked_at(there: There, request: Request) -> Response | None:
    return witness_that_says(there, request, 403, Response(status=409))


def any_log_is_witnessed(there: There, request: Request) -> Response | None:
    return witness_that_says(there, request, 404, Response(status=403))


def a_conflict_without_a_size(there: There, request: Request) -> Response | None:
    return witness_that_says(there, request, 409, Response("0", 409, content_type="text/plain"))


def proofs_are_not_looked_at(there: There, request: Request) -> Response | None:
    return witness_that_says(there, request, 422, Response(status=200))


def cosigned_by_the_log_s_key(there: There, request: Request) -> Response | None:
    name = there.node.member.cosigners[0].name
    key = PrivateKey(Purpose.WITNESS, there.signer.key.seed)
    line = cosign(there.head.text, name, key, 1)
    return witness_that_says(there, request, 200, Response(f"{line}\n"))


def a_witness_that_shows_what_it_did_not_cosign(there: There, request: Request) -> Response | None:
    if not re.fullmatch("/[0-9a-f]{64}/checkpoint", request.path):
        return None
    return Response(there.note(there.head), content_type="text/plain; charset=utf-8")


def a_checkpoint_without_its_quorum(there: There, request: Request) -> Response | None:
    """Shows what too few have cosigned."""
    if request.path != CHECKPOINT:
        return None
    answer = there.answer(_again(request))
    lines = answer.get_data().splitlines(keepends=True)
    answer.set_data(b"".join(lines[:-1]))
    return answer  # type: ignore[no-any-return]


# --- Tokens -----------------------------------------------------------------------------------


def claims_of(request: Request) -> dict[str, Any]:
    """What an assertion claims, and `kid`, which its header says."""
    header, claims, _ = request.form["client_assertion"].split(".")
    said: dict[str, Any] = json.loads(from_b64url(claims, "x"))
    return said | {"kid": json.loads(from_b64url(header, "x"))["kid"]}


def lenient_token(there: There, request: Request, wrong: str) -> Response | None:
    """A token for an assertion with this thing wrong, and for any other as it should be."""
    if request.path != "/token":
        return None
    said, now = claims_of(request), there.world.clock().timestamp()
    access = there.world["kent"].keys.node_key(Purpose.ACCESS).public.kid
    found = {
        "aud": said["aud"] != f"{there.node.member.url}/token",
        "exp": not now < said["exp"] <= now + 300,
        "kid": said["kid"] != access,
        "iss": said["iss"] != "kent",
    }
    return there.token() if found[wrong] else None


def assertion_replay_accepted(there: There, request: Request) -> Response | None:
    if request.path != "/token":
        return None
    seen = there.memory.setdefault("seen", set())
    again = request.form["client_assertion"] in seen
    seen.add(request.form["client_assertion"])
    return there.token() if again else None


def audience_ignored(there: There, request: Request) -> Response | None:
    return lenient_token(there, request, "aud")


def assertions_of_any_age(there: There, request: Request) -> Response | None:
    return lenient_token(there, request, "exp")


def any_key_of_a_member_s(there: There, request: Request) -> Response | None:
    return lenient_token(there, request, "kid")


def tokens_for_anybody(there: There, request: Request) -> Response | None:
    return lenient_token(there, request, "iss")


def tokens_that_may_be_stored(there: There, request: Request) -> Response | None:
    answer = there.answer(_again(request))
    if request.path == "/token":
        answer.headers["Cache-Control"] = "public"
    return answer  # type: ignore[no-any-return]


# --- Messages ---------------------------------------------------------------------------------


class _AnySeal(jwe.JWERegistry):
    max_ciphertext_length = 2**24


_ANY = _AnySeal(algorithms=["ECDH-ES+A256KW", "A256GCM", "DEF"], strict_check_header=False)


def signed_within(there: There, sealed: bytes) -> str:
    """What is signed within a seal, whatever else is wrong; something else if it does not open."""
    key = there.node.keys.authority_key(there.node.member.authorities[0].gss, Purpose.SEALING)
    try:
        opened = jwe.decrypt_compact(sealed.rstrip(b"="), key.jwk, registry=_ANY).plaintext
    except (JoseError, ValueError):
        opened = b"?"
    return (opened or b"").decode()


def header_of(part: bytes) -> dict[str, Any]:
    try:
        header: dict[str, Any] = json.loads(from_b64url(part.decode().partition(".")[0], "x"))
    except (Malformed, ValueError):
        return {}
    return header


def stored(there: There, request: Request, **changes: Any) -> Response:
    """A receipt that says stored, for whatever came; nothing is."""
    sealed, gss = request.get_data(), there.node.member.authorities[0].gss
    made = Receipt(
        v=1,
        by=gss,
        outcome="stored",
        at=there.world.clock(),
        sealed=sealed_digest(sealed),
        signed=signed_digest(signed_within(there, sealed)),
    )
    made = msgspec.structs.replace(made, **changes)
    key = there.node.keys.authority_key(gss, Purpose.SIGNING)
    return Response(sign_receipt(made, key), content_type="application/jose")


def refusal_of(request: Request, answer: Response) -> str | None:
    """Why a receipt says that a message was refused; empty where no message was asked about."""
    if not request.path.startswith("/inbox/"):
        return ""
    if answer.status_code != 200:
        return str(answer.status_code)
    said = json.loads(from_b64url(answer.get_data(as_text=True).split(".")[1], "x"))
    return said.get("reason")  # type: ignore[no-any-return]


def lenient_inbox(
    there: There, request: Request, reason: str, if_so: Callable[[bytes, str], bool]
) -> Response | None:
    """Says stored where it is to refuse for a reason, of those messages that are such."""
    answer: Response = there.answer(_again(request))
    if refusal_of(request, answer) != reason:
        return answer
    sealed = request.get_data()
    such = if_so(sealed, signed_within(there, sealed))
    return stored(there, request) if such else answer


def receipt_before_storage(there: There, request: Request) -> Response | None:
    """Says stored of what it means to store, and looks at nothing that it has."""
    reason = refusal_of(request, answer := there.answer(_again(request)))
    return stored(there, request) if reason in (None, "id-reused") else answer


def zip_accepted(there: There, request: Request) -> Response | None:
    return lenient_inbox(there, request, "malformed", lambda one, _: "zip" in header_of(one))


def padding_accepted(there: There, request: Request) -> Response | None:
    return lenient_inbox(there, request, "malformed", lambda one, _: one.endswith(b"="))


def any_algorithm_accepted(there: There, request: Request) -> Response | None:
    def eddsa(_: bytes, signed: str) -> bool:
        return header_of(signed.encode()).get("alg") == "EdDSA"

    return lenient_inbox(there, request, "malformed", eddsa)


def white_space_accepted(there: There, request: Request) -> Response | None:
    def spaced(_: bytes, signed: str) -> bool:
        parts = signed.split(".")
        return len(parts) == 3 and from_b64url(parts[1], "x").endswith(b" ")

    return lenient_inbox(there, request, "malformed", spaced)


def _ours(there: There, sealed: bytes) -> bool:
    key = there.node.keys.authority_key(there.node.member.authorities[0].gss, Purpose.SEALING)
    return header_of(sealed).get("kid") == key.public.kid


def sealed_to_anybody_accepted(there: There, request: Request) -> Response | None:
    """Tries its own key all the same, and says that it does not open."""
    answer: Response = there.answer(_again(request))
    if refusal_of(request, answer) != "unknown-key" or _ours(there, request.get_data()):
        return answer
    return stored(there, request, outcome="refused", reason="malformed", signed=None)


def signed_by_anybody_accepted(there: There, request: Request) -> Response | None:
    return lenient_inbox(there, request, "unknown-key", lambda one, _: _ours(there, one))


def bad_signature_accepted(there: There, request: Request) -> Response | None:
    return lenient_inbox(there, request, "bad-signature", lambda *_: True)


def another_s_message_accepted(there: There, request: Request) -> Response | None:
    return lenient_inbox(there, request, "not-for-us", lambda *_: True)


def expired_message_accepted(there: There, request: Request) -> Response | None:
    return lenient_inbox(there, request, "expired", lambda *_: True)


def message_from_the_future_accepted(there: There, request: Request) -> Response | None:
    return lenient_inbox(there, request, "503", lambda *_: True)


def any_schema_accepted(there: There, request: Request) -> Response | None:
    return lenient_inbox(there, request, "unknown-schema", lambda *_: True)


def any_bytes_taken_for_a_chunk(there: There, request: Request) -> Response | None:
    answer: Response = there.answer(_again(request))
    other = request.path.startswith("/chunks/") and answer.status_code == 400
    return Response() if other else answer


def receipt_before_its_chunks(there: There, request: Request) -> Response | None:
    return lenient_inbox(there, request, "409", lambda *_: True)


def files_that_nobody_opened(there: There, request: Request) -> Response | None:
    def with_files(_: bytes, signed: str) -> bool:
        return b'"attachments"' in from_b64url(signed.split(".")[1], "x")

    return lenient_inbox(there, request, "malformed", with_files)


def sound_message_refused(there: There, request: Request) -> Response | None:
    answer: Response = there.answer(_again(request))
    if refusal_of(request, answer) is not None:
        return answer
    return stored(there, request, outcome="refused", reason="malformed")


def receipt_for_another_message(there: There, request: Request) -> Response | None:
    answer: Response = there.answer(_again(request))
    if not request.path.startswith("/inbox/") or answer.status_code != 200:
        return answer
    return stored(there, request, sealed="A" * 43)


PLAIN = MappingProxyType(
    {
        wrong_leaf_prefix: "5/leaf",
        stale_partial_tile: "5/tile-width",
        wrong_key_id: "4.1/key-id",
        signature_over_other_bytes: "4.1/signature",
        unsorted_bundle: "5/order",
        misaligned_bundle: "5/bundle",
        a_checkpoint_that_rolls_back: "4.2/append-only",
        payload_of_another_digest: "7/digest",
        payloads_that_may_be_cached: "7/no-store",
        receipt_before_storage: "10.3/stored-first",
        zip_accepted: "10.2/header",
        snapshot_without_expiry: "9.2/expires",
        token_ignored: "13/members",
        redirect: "13/redirect",
        unauthorised_without_problem_details: "13/problems",
        assertion_replay_accepted: "13.1/once",
        unbounded_gzip: "14/length",
    }
)
WRONG = MappingProxyType(
    {
        **PLAIN,
        padding_accepted: "1.1/one-spelling",
        another_charter: "3/charter",
        a_copy_that_its_author_did_not_sign: "9.1/mirror",
        snapshot_by_another_key: "9.2/snapshot",
        snapshot_that_goes_back: "9.2/newest",
        snapshot_that_may_be_cached: "9.2/no-store",
        white_space_accepted: "1.2/canonical",
        a_note_with_a_line_that_is_no_signature: "4.1/note",
        problem_details_that_are_no_json: "13/problems",
        extension_lines: "4.2/checkpoint",
        another_origin: "4.2/origin",
        a_checkpoint_without_its_quorum: "4.3/quorum",
        a_witness_that_shows_what_it_did_not_cosign: "13.2/shown",
        a_form_that_is_not_looked_at: "13.2/form",
        unsigned_checkpoints_are_looked_at: "13.2/signed",
        any_log_is_witnessed: "13.2/known-log",
        a_conflict_without_a_size: "13.2/conflict",
        proofs_are_not_looked_at: "13.2/consistent",
        cosigned_by_the_log_s_key: "13.2/cosigned",
        any_spelling_of_a_path: "5/paths",
        tiles_that_are_not_there_yet: "5/nothing-beyond",
        wrong_node_prefix: "5/tree",
        a_root_that_its_tiles_do_not_give: "5/root",
        an_entry_that_is_no_entry: "6/entry",
        misaligned_payloads: "7/bundle",
        an_erased_payload_that_is_still_there: "7/erased",
        any_algorithm_accepted: "10.1/header",
        sound_message_refused: "10.3/stored",
        sealed_to_anybody_accepted: "10.3/sealing-key",
        signed_by_anybody_accepted: "10.3/signing-key",
        bad_signature_accepted: "10.3/signature",
        another_s_message_accepted: "10.3/recipient",
        expired_message_accepted: "10.3/expired",
        message_from_the_future_accepted: "10.3/not-yet",
        any_schema_accepted: "10.3/schema",
        any_bytes_taken_for_a_chunk: "10.5/chunk",
        receipt_before_its_chunks: "10.5/missing",
        files_that_nobody_opened: "10.5/opens",
        receipt_for_another_message: "11/receipt",
        no_partial_tiles: "13/served",
        an_answer_that_breaks_off: "13/answers",
        tiles_as_text: "13/media-type",
        unasked_gzip: "13/encoding",
        an_inbox_that_takes_any_type: "13/inbox",
        a_ping_that_says_something: "13/ping",
        tokens_that_may_be_stored: "13.1/token",
        audience_ignored: "13.1/audience",
        assertions_of_any_age: "13.1/lifetime",
        any_key_of_a_member_s: "13.1/key",
        tokens_for_anybody: "13.1/member",
    }
)
