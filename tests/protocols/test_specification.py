"""The specification says what the code does: its examples, tables, limits, codes and patterns."""

import json
import re
import typing
from collections.abc import Iterator
from hashlib import sha256
from importlib import import_module
from pkgutil import iter_modules

import msgspec
import pytest

import protocols
from protocols import (
    attachments,
    census,
    charter_erasures,
    checkpoint,
    commissioning,
    compliance,
    consultations,
    diligence,
    documents,
    entries,
    erasures,
    evidence,
    fork,
    handins,
    keys,
    kinds,
    merkle,
    messages,
    note,
    notices,
    partners,
    placements,
    policy,
    profiles,
    proof,
    providers,
    receipts,
    records,
    residents,
    snapshots,
    statements,
    tiles,
    vacancies,
    witnessing,
)
from protocols import charter as charters
from protocols import errors as refusals
from protocols.charter import charter_digest, open_founding_charter
from protocols.checkpoint import open_checkpoint
from protocols.encoding import from_b64url
from protocols.entries import check_blob, decode_entry, make_blob
from protocols.errors import UnknownKey
from protocols.keys import Purpose
from protocols.merkle import check_consistency, check_inclusion, leaf_hash
from protocols.messages import open_message
from protocols.notices import decode_body
from protocols.receipts import open_receipt
from protocols.records import decode_record
from protocols.succession import open_chain
from tests.protocols.examples import BLOCK, README, examples
from tests.protocols.factories import ALDERTON, BIRCHWICK, NOW, charter_note, key, origin

TEXT = README.read_text("utf-8")
BLOCKS = {block[2]: block[3] for block in BLOCK.finditer(TEXT)}
STRUCTS: dict[str, type[msgspec.Struct]] = {
    name: getattr(module, name)
    for module in (
        *(attachments, census, charter_erasures, charters, commissioning),
        *(consultations, diligence, documents),
        *(entries, erasures, evidence, fork, handins, kinds, messages, notices, partners),
        *(
            placements,
            profiles,
            providers,
            receipts,
            records,
            residents,
            snapshots,
            statements,
            vacancies,
        ),
        compliance,
    )
    for name in dir(module)
    if isinstance(getattr(module, name), type) and issubclass(getattr(module, name), msgspec.Struct)
}
LIMITS = {
    "a note, in bytes": note.MAX_NOTE,
    "a checkpoint with its signatures, in bytes": checkpoint.MAX_CHECKPOINT,
    "signature lines in a note": note.MAX_SIGNATURES,
    "a trust policy, in bytes": policy.MAX_POLICY,
    "witnesses in a charter's policy": charters.MAX_WITNESSES,
    "a request or an answer of add-checkpoint, in bytes": witnessing.MAX_ADD_CHECKPOINT,
    "a proof of a fork, in bytes": fork.MAX_FORK,
    "hashes in a request of add-checkpoint, or in a proof of a fork": witnessing.MAX_PROOF,
    "size of a log, in a checkpoint, and time of a cosignature": checkpoint.MAX_SIZE,
    "level of a tile": tiles.MAX_LEVEL,
    "hashes in a tile, entries in a bundle": tiles.TILE_WIDTH,
    "an entry in a bundle, in bytes": tiles.MAX_ENTRY,
    "index that an entry may name": entries.MAX_INDEX,
    "entries that one entry names": entries.MAX_NAMED,
    "payloads that one version of a charter erases": charter_erasures.MAX_ERASED,
    "salt of a payload, in bytes (exactly)": entries.SALT_SIZE,
    "record in a payload, in bytes": entries.MAX_RECORD,
    "payload, in bytes": entries.MAX_BLOB,
    "sealed message, in bytes": messages.MAX_SEALED,
    "pictures of a guide that is handed in": handins.MAX_PICTURES,
    "a topic of a guide that is handed in, in characters": handins.MAX_TOPIC,
    "attachments of a message": attachments.MAX_ATTACHMENTS,
    "attachments of a message together, in bytes": attachments.MAX_ATTACHED,
    "chunk of an attachment, in bytes": attachments.MAX_CHUNK,
    "name of a file, in characters": attachments.MAX_FILE_NAME,
    "receipt, in characters": receipts.MAX_RECEIPT,
    "snapshot, in characters": snapshots.MAX_SNAPSHOT,
    "frameworks in a record": commissioning.MAX_FRAMEWORKS,
    "entries of a calendar in a record": commissioning.MAX_PLANNED,
    "needs that a record gives totals for": commissioning.MAX_TOTALS,
    "sections of a snapshot": snapshots.MAX_SECTIONS,
    "contacts in a section": snapshots.MAX_CONTACTS,
    "vacancies in a section": vacancies.MAX_VACANCIES,
    "days for which a vacancy counts": charters.MAX_VACANCY_DAYS,
    "figures of notices in a section": compliance.MAX_FIGURES,
    "authorities that an answer to a census counts": census.MAX_COUNTS,
    "an offline proof, in bytes": proof.MAX_PROOF,
    "a bundle of evidence, in bytes": evidence.MAX_EVIDENCE,
    "messages in a bundle of evidence": evidence.MAX_PARTS,
    "difference between clocks for a message, in seconds": messages.CLOCK_LEEWAY.seconds,
}


def tables(name: str) -> Iterator[tuple[str, list[list[str]]]]:
    """Every table after a comment that begins with `name`: what follows it there, and the rows."""
    marked = re.compile(rf"<!-- {name} ?(\w*) -->\n((?:\|.*\n)+)")
    for found in marked.finditer(TEXT):
        rows = [
            [cell.strip() for cell in row.strip("|\n ").split(" | ")]
            for row in found[2].splitlines()
        ]
        yield found[1], rows[2:]


def code(cell: str) -> str:
    return cell.strip("` |")


# --- Tables ---------------------------------------------------------------------------------------


MEMBERS = dict(tables("members"))


def test_every_struct_that_is_sent_has_its_table() -> None:
    inner = {"_Ephemeral", "_Envelope", "Struct", "Purposed", "Leaf"}
    assert set(MEMBERS) == set(STRUCTS) - inner


@pytest.mark.parametrize("name", MEMBERS)
def test_members_are_those_of_the_code_in_its_order(name: str) -> None:
    info = msgspec.inspect.type_info(STRUCTS[name])
    assert isinstance(info, msgspec.inspect.StructType)
    assert info.forbid_unknown_fields or name == "Profile"
    written = [code(row[0]) for row in MEMBERS[name]]
    tag = [info.tag_field] if info.tag_field else []
    assert written == tag + [field.encode_name for field in info.fields]
    if info.tag_field:
        assert code(MEMBERS[name][0][1]) == info.tag


@pytest.mark.parametrize("name", MEMBERS)
def test_members_are_optional_that_are_left_out_at_their_default(name: str) -> None:
    config = STRUCTS[name].__struct_config__
    for row, field in zip(
        [row for row in MEMBERS[name] if code(row[0]) != config.tag_field],
        msgspec.structs.fields(STRUCTS[name]),
        strict=True,
    ):
        left_out = field.default is msgspec.UNSET or (config.omit_defaults and not field.required)
        assert row[1].endswith("optional") == left_out, row


def test_codes_are_those_of_the_code() -> None:
    ours = {
        name: typing.get_args(getattr(module, name))
        for module, names in [
            (records, ["Provision", "Sector", "Status", "Grade", "Sex", "Need"]),
            (profiles, ["Met"]),
            (notices, ["Setting", "LegalStatus"]),
            (placements, ["ChangeKind", "EndedBy", "EndedFor", "WithdrawnFor"]),
            (consultations, ["View"]),
            (statements, ["Matter"]),
            (diligence, ["Outcome"]),
            (residents, ["Accommodated", "Order", "Mistake"]),
        ]
        for name in names
    }
    written = {row[0]: row[1] for _, rows in tables("codes") for row in rows}
    assert written.keys() == ours.keys()
    for name, codes in written.items():
        assert tuple(re.findall(r"`([^`]+)`", codes)) == ours[name]


def test_purposes_are_those_of_the_code() -> None:
    ((_, rows),) = tables("purposes")
    assert [code(row[0]) for row in rows] == [str(purpose) for purpose in Purpose]
    for purpose, (_, kind, holder, _) in zip(Purpose, rows, strict=True):
        assert kind == key("alder", purpose).public.curve
        assert ("a node" == holder) == (purpose in keys.NODE_PURPOSES)
        assert ("an authority" == holder) == (purpose in keys.AUTHORITY_PURPOSES)


def test_limits_are_those_of_the_code() -> None:
    ((_, rows),) = tables("limits")
    assert {row[0]: int(row[1].strip("| ").replace(",", "")) for row in rows} == LIMITS


def test_no_limit_of_the_code_is_left_out() -> None:
    for found in iter_modules(protocols.__path__):
        module = import_module(f"protocols.{found.name}")
        for name, value in vars(module).items():
            if name.startswith("MAX_") and isinstance(value, int):
                assert value in LIMITS.values(), f"{module.__name__}.{name}"


def test_the_longest_answers_follow_from_the_limits() -> None:
    longest = [
        merkle.HASH_SIZE * tiles.TILE_WIDTH,
        (2 + tiles.MAX_ENTRY) * tiles.TILE_WIDTH,
        (4 + entries.MAX_BLOB) * tiles.TILE_WIDTH,
    ]
    (said,) = re.findall(r"^So a tile has at most .*", TEXT, re.MULTILINE)
    assert [int(number.replace(",", "")) for number in re.findall(r"[\d,]{3,}\d", said)] == longest


def test_refusals_are_those_of_the_code() -> None:
    ((_, rows),) = tables("refusals")
    ours = [
        re.sub(r"(?<!^)(?=[A-Z])", "-", error.__name__).lower()
        for error in vars(refusals).values()
        if isinstance(error, type) and error is not refusals.ProtocolError
    ]
    assert [code(row[0]) for row in rows] == ours
    in_receipts = {code(row[0]) for row in rows if code(row[2]) == "yes"}
    assert in_receipts == set(typing.get_args(receipts.Reason))


def test_every_reason_in_the_text_is_in_the_table() -> None:
    ((_, rows),) = tables("refusals")
    known = {code(row[0]) for row in rows}
    named = set(re.findall(r"\(`([a-z-]+)`", TEXT)) - {"false"}
    assert named <= known
    assert known - named <= {"not-included", "inconsistent", "charter-refused", "unknown-key"}


# --- Patterns -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("alias", "where"),
    [
        (kinds.Code, "| *need code* | `{}`"),
        (commissioning.WebAddress, "300 characters, and in full:\n`{}`."),
        (commissioning.Telephone, "in full `{}`."),
        (commissioning.Email, "254, and in full:\n`{}`."),
        (records.Gss, "| *GSS code* | `{}`"),
        (records.Urn, "| *URN* | `{}`"),
        (charters.Name, "| *node name* | `{}`"),
        (charters.Url, "In full:\n`{}`."),
    ],
)
def test_patterns_are_those_of_the_code(alias: object, where: str) -> None:
    assert where.format(pattern(alias)) in TEXT


def pattern(alias: object) -> str:
    _, meta = typing.get_args(alias)
    return str(meta.pattern).removeprefix("^").removesuffix(r"\Z")


def test_hidden_characters_are_those_of_the_code() -> None:
    (said,) = re.findall(r"two names that look the same: (.*?)\. The joiners", TEXT, re.DOTALL)
    written = set()
    for first, last in re.findall(r"(?:U\+)?([0-9A-F]{4,5})(?:–([0-9A-F]{4,5}))?", said):
        written |= set(range(int(first, 16), int(last or first, 16) + 1))
    every = "".join(map(chr, [*range(0xD800), *range(0xE000, 0x110000)]))
    ours = {ord(sign) for sign in re.findall(rf"[\x00-\x1f{kinds.HIDDEN}]", every)}
    assert written == ours


def test_points_of_small_order_are_those_of_the_code() -> None:
    values = {int(value, 16) for value in re.findall(r"`(0x[0-9a-f]{64})`", TEXT)}
    ours = set().union(*keys._SMALL_ORDER.values())
    field = 2**255 - 19
    eighth = max(values)
    assert values | {0, 1, field - 1, field - eighth} == ours


# --- Examples -------------------------------------------------------------------------------------


def test_every_example_is_in_its_block() -> None:
    made = examples()
    assert set(BLOCKS) == set(made)
    for name, block in BLOCKS.items():
        assert block == made[name], f"run python -m tests.protocols.examples: {name}"


def test_the_charter_of_the_examples_opens() -> None:
    text = BLOCKS["charter"].encode()
    charter = open_founding_charter(text, NOW)
    assert [member.node for member in charter.members] == ["alder", "birch"]
    assert charter_digest(text) == BLOCKS["charter-digest"].strip()


def test_the_successor_of_the_examples_follows_the_charter() -> None:
    chain = [BLOCKS[name].encode() for name in ("charter", "successor")]
    alder = open_chain(chain).members[0]
    checkpoint = BLOCKS["checkpoint"].encode()
    signed = open_checkpoint(checkpoint, alder.origin, alder.log_verifiers_at(4))
    assert alder.pins == ((signed.size, signed.root),)
    with pytest.raises(UnknownKey):
        open_checkpoint(checkpoint, alder.origin, alder.log_verifiers_at(5))


def test_the_log_of_the_examples_is_proved_by_its_charter() -> None:
    alder = open_founding_charter(BLOCKS["charter"].encode(), NOW).members[0]
    signed = open_checkpoint(BLOCKS["checkpoint"].encode(), alder.origin, alder.log_verifiers)
    raw = [line.encode() for line in BLOCKS["entries"].splitlines()]
    leaves = [leaf_hash(entry) for entry in raw]
    assert "".join(leaf.hex() + "\n" for leaf in leaves) == BLOCKS["tile"]
    assert merkle.Frontier().extend(leaves)[0].root() == signed.root
    hashes = [
        bytes.fromhex(line) for line in re.findall(r"^  ([0-9a-f]{64})$", BLOCKS["proofs"], re.M)
    ]
    check_inclusion(1, leaves[1], 4, signed.root, hashes[:2])
    check_consistency(3, hashes[5], 4, signed.root, hashes[2:5])
    assert [decode_entry(entry, at).op for at, entry in enumerate(raw)] == [
        "publish",
        "publish",
        "erase",
        "retire",
    ]


def test_the_checkpoint_of_the_examples_has_the_quorum_of_their_committee() -> None:
    founded = open_founding_charter(BLOCKS["charter"].encode(), NOW)
    named = msgspec.structs.replace(founded, witness_policy=BLOCKS["policy"])
    assert open_founding_charter(charter_note(named), NOW).committee is not None
    committee = policy.parse_policy(BLOCKS["policy"].encode())
    (found,) = policy.require_quorum(BLOCKS["cosigned"].encode(), committee)
    assert found.cosigner == founded.members[1].cosigners[0]
    assert found.time == NOW.timestamp()
    assert BLOCKS["cosigned"].startswith(BLOCKS["checkpoint"])


def test_the_proof_of_the_examples_proves_what_is_said_of_it() -> None:
    alder = open_founding_charter(BLOCKS["charter"].encode(), NOW).members[0]
    one = proof.decode_proof(BLOCKS["proof"].encode())
    assert proof.check_proof(one, alder.log_verifiers).size == 4
    assert (one.index, one.entry.decode()) == (1, BLOCKS["entries"].splitlines()[1])


def test_the_payload_of_the_examples_is_the_one_published() -> None:
    salt, record = re.findall(r"^(?:salt|record) +(.*)$", BLOCKS["blob"], re.MULTILINE)
    assert record + "\n" == BLOCKS["home"]
    blob = make_blob(bytes.fromhex(salt), record.encode())
    entry = decode_entry(BLOCKS["entries"].splitlines()[0].encode(), 0)
    assert bytes(check_blob(entry, blob)) == record.encode()


@pytest.mark.parametrize(
    "name", ["home", "bare-home", "provider", "anchor", "commissioning", "statement", "check"]
)
def test_the_records_of_the_examples_are_read(name: str) -> None:
    assert decode_record(BLOCKS[name].strip().encode())


def test_the_anchor_of_the_examples_is_made_of_its_parts() -> None:
    salt, number, head = re.findall(r"^\w+ +(.*)$", BLOCKS["anchor-parts"], re.MULTILINE)
    said = b"commonhearth/anchor/1\n" + bytes.fromhex(salt)
    said += int(number).to_bytes(8, "big") + bytes.fromhex(head)
    anchor = json.loads(BLOCKS["anchor"])
    assert from_b64url(anchor["digest"], "x") == sha256(said).digest()


@pytest.mark.parametrize("name", ["notice", "notice-two", "acknowledgement"])
def test_the_bodies_of_the_examples_are_read(name: str) -> None:
    assert decode_body(BLOCKS[name].strip().encode())


@pytest.mark.parametrize("schema", sorted(placements.SCHEMAS))
def test_what_follows_a_notice_in_the_examples_is_read(schema: str) -> None:
    body = placements.decode_placement_body(BLOCKS[schema.split("/")[0]].strip().encode())
    assert body.__struct_config__.tag == schema


@pytest.mark.parametrize(
    "name", ["home-notice", "home-notice-asking", "placement-asking", "resident-answer"]
)
def test_what_is_said_of_residents_in_the_examples_is_read(name: str) -> None:
    assert residents.decode_resident_body(BLOCKS[name].strip().encode())


@pytest.mark.parametrize("schema", sorted(consultations.SCHEMAS))
def test_consultations_in_the_examples_are_read(schema: str) -> None:
    body = consultations.decode_consultation_body(BLOCKS[schema.split("/")[0]].strip().encode())
    assert body.__struct_config__.tag == schema


def test_what_is_handed_in_in_the_examples_is_a_record() -> None:
    handed = handins.decode_hand_in_body(BLOCKS["hand-in"].strip().encode())
    assert isinstance(handed, handins.HandIn)
    assert decode_record(bytes(handed.record))
    for schema in handins.SCHEMAS:
        example = BLOCKS[schema.split("/")[0]].strip().encode()
        assert handins.decode_hand_in_body(example).__struct_config__.tag == schema


def test_the_message_of_the_examples_opens_and_its_receipt_fits() -> None:
    charter = open_founding_charter(BLOCKS["charter"].encode(), NOW)
    sealed, sealed_digest = BLOCKS["sealed"].split("\ndigest  ")
    signed, signed_digest = BLOCKS["signed"].split("\ndigest  ")
    arrived = open_message(
        sealed.encode(),
        recipient=ALDERTON,
        sealing_key=lambda kid: key(ALDERTON, Purpose.SEALING),
        signing_key=lambda gss, kid: charter.authority_keys(gss, Purpose.SIGNING).get(kid),
    )
    assert arrived.message.sender == BIRCHWICK
    assert arrived.signed_digest == signed_digest.strip()
    assert bytes(arrived.message.body) == BLOCKS["acknowledgement"].strip().encode()
    header, payload, _ = signed.split(".")
    assert from_b64url(header, "x").decode() == BLOCKS["signed-header"].strip()
    assert from_b64url(payload, "x").decode() == BLOCKS["signed-payload"].strip()
    receipt = open_receipt(
        BLOCKS["receipt"].strip(),
        by=ALDERTON,
        keys=charter.authority_keys(ALDERTON, Purpose.SIGNING),
        sealed=sealed_digest.strip(),
        signed=signed_digest.strip(),
    )
    assert receipt.outcome == "stored"


def test_the_attachment_of_the_examples_opens() -> None:
    named = msgspec.json.decode(BLOCKS["attachment"], type=attachments.Attachment)
    context = attachments.attachment_context(ALDERTON, "0" * 31 + "1", 0)
    assert context.count(b"\n") == 3
    chunk = bytes.fromhex(BLOCKS["chunk"])
    file = b"".join(attachments.open_attachment(named, context, [chunk]))
    assert BLOCKS["attachment-secrets"].startswith(f"file  {file.hex()}\n")


def test_types_of_files_are_those_of_the_code() -> None:
    section = TEXT.split("### 10.5")[1].split("## 11")[0]
    rows = re.findall(r"^\| `([a-z]+/[a-z.-]+)` \| (.*) \|$", section, re.MULTILINE)
    written = {kind: tuple(re.findall("`([^`]+)`", ends)) for kind, ends in rows}
    assert written == attachments.ENDINGS
    assert set(written) == set(typing.get_args(attachments.MediaType))


def test_the_assertion_of_the_examples_is_signed_by_the_access_key() -> None:
    alder = open_founding_charter(BLOCKS["charter"].encode(), NOW).members[0]
    (access,) = alder.keys_for(Purpose.ACCESS)
    start, _, signature = BLOCKS["assertion"].strip().rpartition(".")
    access.verify(from_b64url(signature, "x"), start.encode())
    assert json.loads(BLOCKS["assertion-header"])["kid"] == access.kid
    assert json.loads(BLOCKS["assertion-claims"])["aud"] == "https://birch.example/token"


def test_the_keys_of_the_examples_are_made_from_their_names() -> None:
    for line in BLOCKS["keys"].splitlines():
        holder, purpose, public = line.split()
        assert key(holder, Purpose(purpose)).public.raw == from_b64url(public, "x")
    assert origin("alder") in BLOCKS["key"]


def test_links_within_the_text_lead_somewhere() -> None:
    titles = re.findall(r"^#+ (.*)$", TEXT, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}
    assert set(re.findall(r"\]\(#([^)]+)\)", TEXT)) <= anchors
    for name in set(re.findall(r"\[((?:RFC|BCP) \d+|[a-z-]+)\]\[\]", TEXT)):
        assert f"\n[{name}]: https://" in TEXT, name
