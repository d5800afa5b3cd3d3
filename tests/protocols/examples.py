"""The worked examples of the specification, made by our code from fixed seeds.

`python -m tests.protocols.examples` writes them into `protocols/README.md`, each into the block
that bears its name; `test_specification.py` holds the file to them.
"""

import json
import re
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import msgspec

from protocols.attachments import attachment_context
from protocols.census import encode_census_body
from protocols.charter import charter_digest
from protocols.charter_erasures import CharterErasure
from protocols.compliance import encode_counts
from protocols.consultations import encode_consultation_body
from protocols.cosignature import cosign
from protocols.documents import encode_document_body
from protocols.encoding import b64url, from_b64url
from protocols.entries import pack_blobs
from protocols.erasures import erased
from protocols.fork import prove_fork
from protocols.handins import encode_hand_in_body
from protocols.keys import Purpose
from protocols.merkle import consistency_proof, inclusion_proof, leaf_hash
from protocols.messages import Message, sealed_digest, sign_message, signed_digest
from protocols.notices import encode_body
from protocols.partners import encode_partner_body
from protocols.placements import encode_placement_body
from protocols.policy import Group, Policy, Witness
from protocols.proof import Proof, encode_proof
from protocols.providers import encode_provider_body
from protocols.receipts import Receipt
from protocols.records import anchor_of, encode_record
from protocols.residents import encode_resident_body
from protocols.snapshots import encode_section, sign_snapshot
from protocols.tiles import node_reader, tile_at
from protocols.witnessing import AddCheckpoint
from tests.protocols.factories import (
    ALDERTON,
    BIRCHWICK,
    HOLDERS,
    NOW,
    SCAN,
    Log,
    acknowledgement,
    answer,
    attachment,
    blob,
    census_answer,
    census_asking,
    charter_note,
    check,
    cobblestone,
    commissioning,
    compact_jwe,
    compact_jws,
    consultation,
    consultation_answer,
    diligence_hand_in,
    document_answer,
    document_asking,
    document_hand_in,
    duty_snapshot,
    erasing,
    guide_hand_in,
    hand_in,
    hand_in_answer,
    hand_in_withdrawal,
    home,
    home_claim,
    home_claim_answer,
    home_notice,
    home_notice_asking,
    key,
    log_signer,
    member,
    notice,
    notice_counts,
    notice_figures,
    notice_two,
    partner_notice,
    partner_receipt,
    placement_asking,
    placement_change,
    placement_ending,
    profile,
    provider,
    question,
    resident_answer,
    rotated,
    seed,
    signed_charter_erasure,
    signed_erasure,
    signed_receipt,
    small_log,
    statement,
    statement_told,
    vacancies,
    withdrawal,
    withdrawal_answer,
)

README = Path(__file__).parents[2] / "protocols" / "README.md"
BLOCK = re.compile(r"^```([a-z]+) ([a-z-]+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

LOG, BLOBS = small_log()
ANSWER = Message(
    v=1,
    id="0" * 31 + "2",
    sender=BIRCHWICK,
    recipient=ALDERTON,
    sent=NOW + timedelta(hours=2),
    expires=NOW + timedelta(days=14),
    body=msgspec.Raw(encode_body(acknowledgement())),
)
SIGNED = sign_message(ANSWER, key(BIRCHWICK, Purpose.SIGNING))
SEALED = compact_jwe(SIGNED.encode(), key(ALDERTON, Purpose.SEALING).public)
STORED = Receipt(
    v=1,
    by=ALDERTON,
    outcome="stored",
    at=NOW + timedelta(hours=2, seconds=3),
    sealed=sealed_digest(SEALED),
    signed=signed_digest(SIGNED),
)
CONTEXT = attachment_context(ALDERTON, "0" * 31 + "1", 0)
ERASED = erased("birch", "alder.example/log", 2, LOG.entries[2], NOW + timedelta(hours=2))
CHARTER_ERASED = CharterErasure(
    1, "birch", charter_digest(charter_note(erasing(LOG))), "erased", NOW + timedelta(hours=2)
)
REFUSED = msgspec.structs.replace(STORED, outcome="refused", signed=None, reason="unknown-key")


BIRCH = member("birch").cosigners[0]
POLICY = Policy(
    logs=(),
    witnesses=tuple(
        Witness(node, member(node).cosigners[0], member(node).url) for node in ("alder", "birch")
    ),
    groups=(Group("either", 1, ("alder", "birch")),),
    quorum="either",
)


SNAPSHOT = sign_snapshot(duty_snapshot(), key("alder", Purpose.ACCESS))


def lines(*said: str) -> str:
    return "".join(f"{one}\n" for one in said)


def text(data: bytes) -> str:
    return f"{data.decode()}\n"


def hexadecimal(data: bytes) -> str:
    digits = data.hex()
    return lines(*(digits[at : at + 64] for at in range(0, len(digits), 64)))


def _key() -> str:
    signer = log_signer()
    private, public = signer.key, signer.verifier.key
    return lines(
        "name        alder log",
        f"seed        {private.seed.hex()}",
        f"public key  {public.raw.hex()}",
        f"base64url   {b64url(public.raw)}",
        f'thumbprint  {{"crv":"Ed25519","kty":"OKP","x":"{b64url(public.raw)}"}}',
        f"key id      {public.kid}",
        f"vkey        {signer.verifier.vkey}",
    )


def _keys() -> str:
    named = [("alder", Purpose.ACCESS)]
    named += [(gss, p) for gss in (ALDERTON, BIRCHWICK) for p in (Purpose.SIGNING, Purpose.SEALING)]
    return lines(
        *(
            f"{f'{holder} {purpose}':<30} {b64url(key(holder, purpose).public.raw)}"
            for holder, purpose in named
        )
    )


def _assertion() -> tuple[dict[str, str], dict[str, str | int], str]:
    access = key("alder", Purpose.ACCESS)
    header = {"alg": "Ed25519", "typ": "JWT", "kid": access.public.kid}
    issued = int(NOW.timestamp())
    claims: dict[str, str | int] = {
        "iss": "alder",
        "sub": "alder",
        "aud": "https://birch.example/token",
        "iat": issued,
        "exp": issued + 120,
        "jti": b64url(seed("jti")),
    }
    return header, claims, compact_jws(header, msgspec.json.encode(claims), access)


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False) + "\n"


def _header(compact: str) -> str:
    return text(_decoded(compact, 0))


def _decoded(compact: str, part: int) -> bytes:
    return from_b64url(compact.split(".")[part], "example")


def _cosigned() -> str:
    made = int(NOW.timestamp())
    return cosign(LOG.checkpoint().text, BIRCH.name, key("birch", Purpose.WITNESS), made)


def _request() -> str:
    proof = consistency_proof(3, LOG.size, node_reader(LOG.size, LOG.tile))
    return AddCheckpoint(3, tuple(proof), LOG.note()).encode().decode()


def _fork() -> bytes:
    other = Log([*LOG.entries[:2], b"{}"])
    return prove_fork(other.note(), LOG.note(), node_reader(LOG.size, LOG.tile))


def _hashes() -> str:
    leaves = [leaf_hash(entry).hex() for entry in LOG.entries]
    numbered = [f"leaf {number}  {leaf}" for number, leaf in enumerate(leaves)]
    return lines(*numbered, f"root    {LOG.frontier.root().hex()}")


def _proof() -> str:
    path = inclusion_proof(1, LOG.size, node_reader(LOG.size, LOG.tile))
    note = LOG.note() + lines(_cosigned()).encode()
    return encode_proof(Proof(LOG.entries[1], 1, tuple(path), note)).decode()


def _proofs() -> str:
    node = node_reader(LOG.size, LOG.tile)
    inclusion, consistency = (
        inclusion_proof(1, LOG.size, node),
        consistency_proof(3, LOG.size, node),
    )
    return lines(
        "inclusion of entry 1 in size 4",
        *(f"  {one.hex()}" for one in inclusion),
        "consistency of size 3 with size 4",
        *(f"  {one.hex()}" for one in consistency),
        f"root of size 3\n  {Log(LOG.entries[:3]).frontier.root().hex()}",
    )


def _bundle(bundle: bytes, prefix: int, items: list[bytes]) -> str:
    starts = [
        f"{len(one).to_bytes(prefix).hex()}  {one[:12].hex()}{'…' if one else ''}".rstrip()
        for one in items
    ]
    return lines(*starts, f"{len(bundle)} bytes, SHA-256 {sha256(bundle).hexdigest()}")


def _blob() -> str:
    made = blob(0)
    return lines(
        f"salt    {made[:32].hex()}",
        f"record  {encode_record(home()).decode()}",
        f"length  {len(made)}",
        f"digest  {b64url(sha256(made).digest())}",
    )


def _jwe() -> str:
    return lines(
        f"ephemeral private key   {seed('ephemeral').hex()}",
        f"content encryption key  {seed('content key').hex()}",
        f"initialization vector   {seed('vector')[:12].hex()}",
    )


def _attachment_secrets() -> str:
    return lines(
        f"file  {SCAN.hex()}",
        f"key   {seed('attachment key').hex()}",
        f"salt  {seed('attachment salt')[:24].hex()}",
    )


def examples() -> dict[str, str]:
    """Every example by the name of its block."""
    header, claims, assertion = _assertion()
    return {
        "key": _key(),
        "keys": _keys(),
        "charter": charter_note().decode(),
        "successor": charter_note(rotated(LOG), HOLDERS[1:]).decode(),
        "charter-digest": lines(charter_digest(charter_note())),
        "assertion-header": _json(header),
        "assertion-claims": _json(claims),
        "assertion": lines(assertion),
        "policy": POLICY.encode().decode(),
        "cosigned": LOG.note().decode() + lines(_cosigned()),
        "add-checkpoint": _request(),
        "fork": text(_fork()),
        "checkpoint": LOG.note().decode(),
        "empty-checkpoint": Log([]).note().decode(),
        "hashes": _hashes(),
        "tile": hexadecimal(LOG.tile(tile_at(0, 0, LOG.size))),
        "proof": _proof(),
        "proofs": _proofs(),
        "entries": lines(*(entry.decode() for entry in LOG.entries)),
        "entry-bundle": _bundle(LOG.bundle(0), 2, LOG.entries),
        "blob": _blob(),
        "payload-bundle": _bundle(pack_blobs(BLOBS), 4, BLOBS),
        "home": text(encode_record(home())),
        "bare-home": text(
            encode_record(
                home(name=None, provider=None, places=None, judgement=None, description=None)
            )
        ),
        "provider": text(encode_record(provider())),
        "commissioning": text(encode_record(commissioning())),
        "statement": text(encode_record(statement())),
        "check": text(encode_record(check())),
        "profile": text(encode_record(profile())),
        "anchor-parts": lines(
            f"salt    {seed('anchor').hex()}",
            "number  17",
            f"hash    {seed('audit row').hex()}",
        ),
        "anchor": text(encode_record(anchor_of(seed("anchor"), 17, seed("audit row")))),
        "notice": text(encode_body(notice())),
        "acknowledgement": text(encode_body(acknowledgement())),
        "notice-two": text(encode_body(notice_two())),
        "placement-change": text(encode_placement_body(placement_change())),
        "placement-ending": text(encode_placement_body(placement_ending())),
        "withdrawal": text(encode_placement_body(withdrawal())),
        "withdrawal-answer": text(encode_placement_body(withdrawal_answer())),
        "question": text(encode_placement_body(question())),
        "answer": text(encode_placement_body(answer())),
        "home-claim": text(encode_provider_body(home_claim())),
        "home-claim-answer": text(encode_provider_body(home_claim_answer())),
        "hand-in": text(encode_hand_in_body(hand_in())),
        "hand-in-answer": text(encode_hand_in_body(hand_in_answer())),
        "guide-hand-in": text(encode_hand_in_body(guide_hand_in())),
        "document-hand-in": text(encode_hand_in_body(document_hand_in())),
        "diligence-hand-in": text(encode_hand_in_body(diligence_hand_in())),
        "hand-in-withdrawal": text(encode_hand_in_body(hand_in_withdrawal())),
        "statement-told": text(encode_hand_in_body(statement_told())),
        "document-asking": text(encode_document_body(document_asking())),
        "document-answer": text(encode_document_body(document_answer())),
        "consultation": text(encode_consultation_body(consultation())),
        "consultation-answer": text(encode_consultation_body(consultation_answer())),
        "partner-notice": text(encode_partner_body(partner_notice())),
        "partner-receipt": text(encode_partner_body(partner_receipt())),
        "home-notice": text(encode_resident_body(home_notice())),
        "home-notice-asking": text(encode_resident_body(home_notice_asking())),
        "placement-asking": text(encode_resident_body(placement_asking())),
        "resident-answer": text(encode_resident_body(resident_answer())),
        "census-asking": text(encode_census_body(census_asking())),
        "census-answer": text(encode_census_body(census_answer())),
        "signed-header": _header(SIGNED),
        "signed-payload": text(_decoded(SIGNED, 1)),
        "signed": lines(SIGNED, f"digest  {signed_digest(SIGNED)}"),
        "sealed-header": _header(SEALED.decode()),
        "sealed-secrets": _jwe(),
        "sealed": lines(SEALED.decode(), f"digest  {sealed_digest(SEALED)}"),
        "attachment-secrets": _attachment_secrets(),
        "chunk": hexadecimal(cobblestone(seed("attachment key"), CONTEXT, SCAN)),
        "attachment": text(msgspec.json.encode(attachment())),
        "receipt-payload": text(_decoded(signed_receipt(STORED), 1)),
        "receipt": lines(signed_receipt(STORED)),
        "erasure-payload": text(_decoded(signed_erasure(ERASED), 1)),
        "erasure": lines(signed_erasure(ERASED)),
        "erased-payloads": text(msgspec.json.encode(erasing(LOG).erased)),
        "charter-erasure-payload": text(_decoded(signed_charter_erasure(CHARTER_ERASED), 1)),
        "charter-erasure": lines(signed_charter_erasure(CHARTER_ERASED)),
        "snapshot-payload": text(_decoded(SNAPSHOT, 1)),
        "snapshot": lines(SNAPSHOT),
        "notice-figures": text(bytes(encode_section(notice_figures()))),
        "notice-counts": text(encode_counts(notice_counts())),
        "vacancies": text(bytes(encode_section(vacancies()))),
        "refusal-payload": text(_decoded(signed_receipt(REFUSED), 1)),
    }


def main() -> None:
    made = examples()
    written = BLOCK.sub(
        lambda block: f"```{block[1]} {block[2]}\n{made[block[2]]}```", README.read_text("utf-8")
    )
    README.write_text(written, "utf-8")


if __name__ == "__main__":
    main()
