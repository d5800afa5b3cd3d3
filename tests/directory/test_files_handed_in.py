"""Guides, full documents and due diligence handed in for a home in Leeds by staff with accounts
through Kent: what goes there, what is refused, what comes back, and what is taken back.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from secrets import token_hex

import msgspec
import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from directory.app import create_app
from directory.arriving import receive
from directory.notices.arriving import receive as receive_notice
from directory.providers.accepting.models import handed_in, handed_in_file
from directory.providers.diligence.models import diligence_file, diligence_item
from directory.security.audit.models import audit_row
from federation import Enclosure, Node, attach, deliver_due, reading, writing
from federation.chunks.outgoing import outgoing_chunk
from federation.chunks.tables import arrived_chunk
from federation.errors import PeerRefused
from federation.tables import outbox
from protocols.attachments import MediaType
from protocols.errors import Malformed
from protocols.handins import (
    DiligenceHandIn,
    DocumentHandIn,
    GuideHandIn,
    GuideTopic,
    HandInBody,
    encode_hand_in_body,
)
from protocols.messages import Message
from tests.databases import Databases
from tests.directory.acorn import CLAIMS, HERE, THERE, World, acorn
from tests.directory.documents import ADDRESS, AUTHOR, a_pdf, without_packing
from tests.directory.people import form_token
from tests.directory.post import Door
from tests.directory.providers import OURS, send, staff_of
from tests.directory.test_guides import WHOLE, a_photograph
from tests.directory.visiting import words_of
from tests.directory.worlds import KENT, LEEDS, LEWISHAM

CAME = f"/authorities/{LEEDS}/handed-in"
CHECKS = f"/authorities/{LEEDS}/due-diligence"
HOME = f"{OURS}/{CLAIMS[THERE]}"
PDF: MediaType = "application/pdf"
JPEG: MediaType = "image/jpeg"
SEEN = "The kitchen, with a long table"


@pytest.fixture
def world(tmp_path: Path, database: Databases) -> Iterator[World]:
    with acorn(tmp_path, database) as one:
        yield one


def upload(world: World, page: str, data: bytes, **fields: str) -> TestResponse:
    token = form_token(world.staff, page.removesuffix("/pictures"))
    said = {"csrf_token": token, **fields, "file": (BytesIO(data), "file.pdf")}
    return world.staff.post(page, data=said)


def document(world: World, urn: str = THERE) -> TestResponse:
    return upload(world, f"{OURS}/{CLAIMS[urn]}/document", a_pdf())


def guide(world: World) -> TestResponse:
    page = f"{HOME}/guide"
    assert send(world.staff, page, page, **WHOLE).status_code == 303
    shown = upload(world, f"{page}/pictures", a_photograph(), alt=SEEN, inside="yes")
    assert shown.status_code == 303
    return send(world.staff, f"{page}/hand-in", page)


def item(world: World) -> TestResponse:
    page = f"{OURS}/due-diligence"
    about = f"{KENT}//Acorn Care Ltd"
    facts = {"kind": "public-liability-insurance", "issuer": "Hartwell Mutual"}
    assert upload(world, page, a_pdf(), about=about, **facts).status_code == 303
    with reading(world.kent.node_db) as connection:
        number = connection.scalar(select(diligence_item.c.id))
    return send(world.staff, f"{page}/{number}/hand-in", f"{page}/{number}", authority=LEEDS)


def decide(world: World, what: str, **fields: str) -> TestResponse:
    officer = world.officer(world.leeds)
    (number,) = re.findall(rf"{CAME}/(\w+)/{what}", officer.get(CAME).text)
    return send(officer, f"{CAME}/{number}/{what}", CAME, **fields)


def kept(node: Node) -> tuple[int, ...]:
    """Rows of what waits, with files, of items, with documents, and of chunks."""
    tables = (handed_in, handed_in_file, diligence_item, diligence_file, arrived_chunk)
    with reading(node.node_db) as connection:
        return tuple(
            connection.scalar(select(func.count()).select_from(one)) or 0 for one in tables
        )


# --- There and back -------------------------------------------------------------------------------


@pytest.mark.both_databases(second_is_soak=True)
def test_a_full_document_goes_there_clean_and_is_given_from_there_once_accepted(
    world: World,
) -> None:
    assert document(world).location.endswith("done=handed-in")
    assert "On its way to Leeds" in world.shown(THERE)
    world.deliver()
    assert "Waits for an officer" in world.shown(THERE)
    officer = world.officer(world.leeds)
    assert "Handed in by providers 1 to read" in words_of(officer.get("/"))
    assert "By Sam Sample, Acorn Care Ltd, through Kent" in words_of(officer.get(CAME))
    (number,) = re.findall(rf"{CAME}/(\w+)/file", officer.get(CAME).text)
    file = send(officer, f"{CAME}/{number}/file", CAME)
    inside = without_packing(file.data)
    assert ADDRESS.encode() in inside
    assert AUTHOR.encode() not in inside
    assert "sandbox" in file.headers["Content-Security-Policy"]
    assert decide(world, "accept").status_code == 303
    there = words_of(officer.get(f"/authorities/{LEEDS}/statements/{THERE}/document"))
    assert "A PDF is kept, by Cleo Reader" in there
    world.deliver()
    assert "Full document" in world.shown(THERE)
    assert "Accepted Handed in by Sam Sample" in world.shown(THERE)
    assert kept(world.leeds) == (0, 0, 0, 0, 0)
    for node in (world.kent, world.leeds):
        raw = b"".join(one.read_bytes() for one in node.folder.glob("*.db*"))
        assert ADDRESS.encode() not in raw
    with reading(world.leeds.node_db) as connection:
        actions = connection.scalars(select(audit_row.c.action)).all()
    for one in ("hand in", "read", "accept"):
        assert any(said.startswith(f"{one} a full document") for said in actions)


def test_a_guide_goes_there_with_its_pictures_and_children_read_it_there(world: World) -> None:
    assert guide(world).location.endswith("done=handed-in")
    world.deliver()
    officer = world.officer(world.leeds)
    page = officer.get(CAME)
    assert "We cook with you. We listen." in words_of(page)
    (picture,) = re.findall(rf'src="({CAME}/\w+/pictures/0)"', page.text)
    assert officer.get(picture).data.startswith(b"\xff\xd8\xff")
    assert decide(world, "return", reason="Say who the\nadvocate is.").status_code == 303
    world.deliver()
    assert "Returned Handed in by Sam Sample" in world.shown(THERE)
    assert "Say who the advocate is." in world.shown(THERE)
    send(world.staff, f"{HOME}/guide/hand-in", f"{HOME}/guide")
    world.deliver()
    assert decide(world, "accept").status_code == 303
    there = f"/authorities/{LEEDS}/statements/{THERE}/guide"
    link = send(officer, f"{there}/links", there)
    found = re.search(r"/guides/[A-Za-z0-9_-]{43}", link.text)
    assert found
    child = create_app(world.leeds).test_client().get(found[0])
    assert "We cook with you." in words_of(child)
    assert SEEN in child.text
    world.deliver()
    assert "Accepted" in world.shown(THERE)


def test_due_diligence_is_checked_there_too_and_the_provider_reads_what_was_found(
    world: World,
) -> None:
    assert item(world).location.endswith("done=handed-in")
    world.deliver()
    officer = world.officer(world.leeds)
    page = officer.get(CHECKS)
    assert "Given by Sam Sample, Acorn Care Ltd, through Kent" in words_of(page)
    ((number, seen),) = re.findall(
        rf'action="{CHECKS}/(\w+)" .*?name="seen" value="(\w+)"', page.text, re.DOTALL
    )
    file = send(officer, f"{CHECKS}/{number}/file", CHECKS)
    assert ADDRESS.encode() in without_packing(file.data)
    assert AUTHOR.encode() not in without_packing(file.data)
    found = {"seen": seen, "outcome": "not-in-order", "reason": "It names another company."}
    assert send(officer, f"{CHECKS}/{number}", CHECKS, **found).status_code == 303
    world.deliver()
    assert "Due diligence: public liability insurance" in world.shown(THERE)
    assert "Not in order It names another company." in world.shown(THERE)
    found = {"seen": seen, "outcome": "in-order"}
    assert send(officer, f"{CHECKS}/{number}", CHECKS, **found).status_code == 303
    world.deliver()
    world.publish()
    assert " In order " in world.shown(THERE)
    kent = words_of(world.officer(world.kent).get("/due-diligence?provider=acorn+care+ltd"))
    assert "Checked by Leeds on 20 November 2026" in kent
    mine = words_of(world.staff.get(f"{OURS}/due-diligence"))
    assert "Waits to be checked" in mine, "by Kent, which vouches for them"


def test_here_it_waits_for_the_officers_of_the_same_node(world: World) -> None:
    assert document(world, HERE).status_code == 303
    assert "Waits for an officer" in world.shown(HERE)
    officer, page = world.officer(world.kent), f"/authorities/{KENT}/handed-in"
    (number,) = re.findall(rf"{page}/(\w+)/accept", officer.get(page).text)
    assert send(officer, f"{page}/{number}/accept", page).status_code == 303
    assert "Accepted" in world.shown(HERE)


def test_a_node_that_knows_none_of_it_says_so_and_what_to_do_is_in_words(world: World) -> None:
    before = replace(world.leeds, receive=receive_notice)  # as 0.1.0 receives

    class NoChunks(Door):
        def store_chunk(self, digest: str, chunk: bytes) -> None:
            raise PeerRefused("leeds-node takes no attachments yet", 404)

    document(world)
    deliver_due(world.kent, NoChunks(before, world.kent.member))
    shown = world.shown(THERE)
    assert "Where the node of Leeds is older than this and takes no files, withdraw it" in shown
    deliver_due(world.kent, Door(before, world.kent.member))
    with writing(world.kent.node_db) as connection:
        connection.execute(outbox.update().values(next_attempt=world.kent.now()))
    deliver_due(world.kent, Door(before, world.kent.member))
    assert "The node of Leeds cannot take this yet: ask them" in world.shown(THERE)


# --- Taken back -----------------------------------------------------------------------------------


@pytest.mark.parametrize("hand_in", [document, guide, item])
def test_what_waits_there_is_withdrawn_and_nothing_of_it_is_left(
    world: World, hand_in: object
) -> None:
    assert callable(hand_in)
    hand_in(world)
    world.deliver()
    assert any(kept(world.leeds))
    (there,) = set(re.findall(rf"{HOME}/handed-in/\w+/withdraw", world.staff.get(HOME).text))
    assert "their decision stands" in words_of(world.staff.get(there))
    assert send(world.staff, there, there).location.endswith("done=withdrawn")
    assert "Withdrawn: Leeds is being told" in world.shown(THERE)
    assert send(world.staff, there, HOME + "/statement/dates").status_code == 409, "once is enough"
    world.deliver()
    assert kept(world.leeds) == (0, 0, 0, 0, 0)
    assert "Withdrawn" in world.shown(THERE)
    assert "is being told" not in world.shown(THERE)


def test_nobody_else_withdraws_it_and_no_page_of_a_rival_says_that_there_is_one(
    world: World,
) -> None:
    document(world)
    (there,) = set(re.findall(rf"{HOME}/handed-in/\w+/withdraw", world.staff.get(HOME).text))
    rival = staff_of(create_app(world.kent), world.kent, "Birch Homes")
    assert rival.get(there).status_code == 404
    assert send(rival, there, OURS).status_code == 404
    unknown = re.sub(r"in/\w+", f"in/{'f' * 32}", there)
    assert world.staff.get(unknown).status_code == 409


# --- Hostile senders ------------------------------------------------------------------------------


def arrive(
    world: World,
    body: HandInBody,
    files: Sequence[tuple[MediaType, bytes]] = (),
    sender: str = KENT,
) -> str:
    """What a node that keeps to no rule sends, taken in as Leeds' inbox does; gives its id."""
    made, now = token_hex(16), world.leeds.now()
    named = [
        Enclosure(f"{place}{'.pdf' if kind == PDF else '.jpg'}", kind, BytesIO(data))
        for place, (kind, data) in enumerate(files)
    ]
    with writing(world.leeds.node_db) as connection:
        attached = attach(connection, sender=sender, message=made, files=named)
        rows = connection.execute(select(outgoing_chunk)).all()
        for row in rows:
            connection.execute(
                arrived_chunk.insert().values(
                    node="kent-node",
                    digest=row.digest,
                    arrived_at=now,
                    sealed=row.sealed,
                    message=f"{sender}/{made}",
                )
            )
        connection.execute(outgoing_chunk.delete())
        raw = encode_hand_in_body(body)
        message = Message(1, made, sender, LEEDS, now, now, msgspec.Raw(raw), attached)
        receive(connection, world.leeds, message, now)
    return made


def said(text: str = "We cook.", pictures: tuple[str, ...] = ()) -> GuideHandIn:
    return GuideHandIn(CLAIMS[THERE], "Mallory", (GuideTopic("care", text),), pictures=pictures)


FULL = DocumentHandIn(CLAIMS[THERE], "Mallory", "statement-of-purpose")
CHECK = DiligenceHandIn(CLAIMS[THERE], "Mallory", "a" * 32, True, "accreditation", "Us")
PROGRAM = b"MZ" + b"\x00" * 100
UNFIT: dict[str, tuple[HandInBody, list[tuple[MediaType, bytes]]]] = {
    "no document": (FULL, []),
    "two documents": (FULL, [(PDF, a_pdf()), (PDF, a_pdf())]),
    "a program": (FULL, [(PDF, PROGRAM)]),
    "a picture for a document": (FULL, [(JPEG, a_photograph())]),
    "a document for a picture": (said(pictures=(SEEN,)), [(PDF, a_pdf())]),
    "a picture of which nothing is said": (said(), [(JPEG, a_photograph())]),
    "a picture that is not there": (said(pictures=(SEEN,)), []),
    "two certificates": (CHECK, [(PDF, a_pdf()), (PDF, a_pdf())]),
}


def test_files_that_do_not_belong_to_what_is_handed_in_are_refused_before_anything_is_kept(
    world: World,
) -> None:
    for what, (body, files) in UNFIT.items():
        with pytest.raises(Malformed):
            arrive(world, body, files)
        assert kept(world.leeds) == (0, 0, 0, 0, 0), what


NOT_TAKEN: dict[str, HandInBody] = {
    "a child": said("The boy was born on 3 March 2012."),
    "the door": said("Opposite the park, at LS1 4AP."),
    "the door in a picture": said(pictures=("Our front door at LS1 4AP.",)),
    "a claim to a home in Kent": msgspec.structs.replace(said(), claim=CLAIMS[HERE]),
    "no claim": msgspec.structs.replace(CHECK, claim="c" * 32),
    "the door in an item": msgspec.structs.replace(CHECK, issuer="The house at LS1 4AP."),
}


def test_what_a_hostile_node_says_in_them_is_not_taken(world: World) -> None:
    for what, body in NOT_TAKEN.items():
        pictures = len(body.pictures) if isinstance(body, GuideHandIn) else 0
        arrive(world, body, [(JPEG, a_photograph())] * pictures)
        assert kept(world.leeds)[:4] == (0, 0, 0, 0), what
    arrive(world, FULL, [(PDF, a_pdf())], sender=LEWISHAM)
    assert kept(world.leeds)[:4] == (0, 0, 0, 0), "through another authority"


def test_a_home_that_changes_hands_takes_what_waits_with_it(world: World) -> None:
    document(world)
    item(world)
    world.deliver()
    officer, page = world.officer(world.leeds), f"/authorities/{LEEDS}/providers"
    (number,) = re.findall(r"claims/(\w+)/refuse", officer.get(page).text)
    send(officer, f"{page}/claims/{number}/refuse", f"{page}/invite", reason="Sold in January.")
    assert kept(world.leeds) == (0, 0, 0, 0, 0)
