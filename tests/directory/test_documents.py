"""Kent asks Leeds for the full document of a home: with a reason, sealed, noted, for a time.

Messages are signed, sealed and opened as ever; only the network between the nodes is left out.
"""

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from secrets import token_hex

import msgspec
import pytest
from docx import Document as Word
from flask.testing import FlaskClient
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from directory.app import create_app
from directory.arriving import receive
from directory.notices.arriving import receive as receive_notice
from directory.providers.documents import answering
from directory.providers.documents.cleaning import cleaned
from directory.providers.documents.errors import Unfit
from directory.providers.documents.expiring import end_documents
from directory.providers.documents.models import document_asked, document_asking
from directory.providers.documents.pictures import bare
from directory.security.audit.reading import read_audit
from directory.security.rights.principal import operator
from directory.security.rights.roles import Role
from federation import Enclosure, Node, attach, deliver_due, dispatches, queue, reading, writing
from federation.chunks.tables import arrived_chunk, outgoing_chunk
from protocols.documents import (
    KEPT_FOR,
    DocumentAnswer,
    DocumentAsking,
    DocumentBody,
    encode_document_body,
)
from protocols.errors import Malformed
from protocols.messages import Message
from tests.databases import Databases
from tests.directory.documents import (
    ADDRESS,
    AUTHOR,
    TOOL,
    a_docx,
    a_pdf,
    with_part,
    without_packing,
)
from tests.directory.people import carrying, form_token, make_person, session_for, signed_in
from tests.directory.post import Door
from tests.directory.providers import claim, number_of, send
from tests.directory.test_guides import a_photograph
from tests.directory.visiting import words_of
from tests.directory.worlds import KENT, LEEDS, LEWISHAM, Consortium, a_home, consortium

URN, NEXT = "SC200001", "SC200002"
HOMES = {
    "leeds-node": [a_home(URN, authority=LEEDS, name="Ash House"), a_home(NEXT, authority=LEEDS)]
}
ASK = f"/authorities/{KENT}/documents/homes/{URN}"
KEEP = f"/authorities/{LEEDS}/statements/{URN}/document"
ASKED = f"/authorities/{LEEDS}/documents/asked"
WHY = "A visit before a planned placement, quillwork"
PDF = "application/pdf"


@dataclass
class World:
    one: Consortium
    commissioner: FlaskClient
    officer: FlaskClient

    @property
    def kent(self) -> Node:
        return self.one.nodes["kent-node"]

    @property
    def leeds(self) -> Node:
        return self.one.nodes["leeds-node"]

    def deliver(self) -> None:
        deliver_due(self.kent, Door(self.leeds, self.kent.member))
        deliver_due(self.leeds, Door(self.kent, self.leeds.member))

    def keep(self, data: bytes, name: str = "statement.pdf") -> TestResponse:
        fields = {"csrf_token": form_token(self.officer, KEEP), "file": (BytesIO(data), name)}
        return self.officer.post(KEEP, data=fields)

    def ask(self, reason: str = WHY) -> TestResponse:
        token = form_token(self.commissioner, ASK)
        return self.commissioner.post(ASK, data={"csrf_token": token, "reason": reason})

    def shown(self) -> str:
        return words_of(self.commissioner.get(ASK))

    def asking(self) -> str:
        with reading(self.kent.node_db) as connection:
            return str(connection.scalar(select(document_asking.c.id)))

    def download(self, client: FlaskClient | None = None) -> TestResponse:
        browser = client or self.commissioner
        token = form_token(browser, ASK)
        there = f"/authorities/{KENT}/documents/askings/{self.asking()}/file"
        return browser.post(there, data={"csrf_token": token})

    def answer(self, body: DocumentBody, data: bytes | None = None, sender: str = LEEDS) -> Message:
        """A message as it arrives at Kent, with its file if there is one."""
        made, now = token_hex(16), self.kent.now()
        author = next(node for node in self.one.nodes.values() if sender in node.member.area)
        with writing(author.node_db) as connection:
            files = [Enclosure("a.pdf", PDF, BytesIO(data))] if data else []
            named = attach(connection, sender=sender, message=made, files=files)
            raw = encode_document_body(body)
            queue(
                connection,
                author,
                sender=sender,
                recipient=KENT,
                body=raw,
                message=made,
                attachments=named,
            )
        return Message(1, made, sender, KENT, now, now, msgspec.Raw(raw), named)


@pytest.fixture
def world(tmp_path: Path, database: Databases) -> Iterator[World]:
    with consortium(tmp_path, HOMES, database) as one:
        one.follow_all(one.nodes["leeds-node"])
        commissioner = signed_in(
            create_app(one.reader), Role.COMMISSIONER, name="Cora Commissioner"
        )
        officer = signed_in(create_app(one.nodes["leeds-node"]), Role.COMMISSIONER, LEEDS)
        yield World(one, commissioner, officer)


def audit(node: Node, authority: str) -> list[tuple[str, str, str, str]]:
    with writing(node.node_db) as connection:
        rows = read_audit(connection, node, operator("ada"), authority=authority)
    return [(one.who_name, one.action, one.record, one.reason or "") for one in reversed(rows)]


def everything(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


# --- Asked and given ------------------------------------------------------------------------------


@pytest.mark.parametrize(("make", "ending"), [(a_pdf, "pdf"), (a_docx, "docx")])
def test_the_document_is_asked_for_given_read_and_over_after_two_weeks(
    world: World, make: Callable[[], bytes], ending: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert world.keep(make()).status_code == 303
    link = world.commissioner.get(f"/homes/{URN}").text
    assert f'href="{ASK}"' in link
    assert world.ask().location == f"{ASK}?done=asked"
    assert "On its way to Leeds" in world.shown()
    world.deliver()
    assert " Here " in world.shown()
    file = world.download()
    assert file.headers["Content-Disposition"].endswith(f'"Statement of purpose {URN}.{ending}"')
    assert file.headers["Cache-Control"] == "no-store"
    assert "sandbox" in file.headers["Content-Security-Policy"]
    inside = without_packing(file.data)
    assert ADDRESS.encode() in inside
    for telling in (AUTHOR.encode(), TOOL.encode(), b"ZQ", b"xmpmeta", b"CreationDate"):
        assert telling not in inside
    over = world.kent.now() + KEPT_FOR + timedelta(minutes=1)
    end_documents(replace(world.kent, now=lambda: over))
    assert "Over: destroyed here" in world.shown()
    assert world.download().status_code == 404
    with reading(world.kent.node_db) as connection:
        assert not connection.scalar(select(func.count()).select_from(arrived_chunk))
    said = "".join(capfd.readouterr())
    assert "quillwork" not in said
    assert "Crooked Billet" not in said
    for node in (world.kent, world.leeds):
        assert b"quillwork" not in everything(node.folder)
        assert b"Crooked Billet" not in everything(node.folder)


@pytest.mark.both_databases(second_is_soak=True)
def test_who_asked_and_who_was_given_stands_in_the_audit_of_both(world: World) -> None:
    world.keep(a_pdf())
    world.ask()
    world.deliver()
    world.download()
    over = world.kent.now() + KEPT_FOR
    end_documents(replace(world.kent, now=lambda: over))
    assert "Over: destroyed here" in world.shown()
    home, us = f"home/{URN}", "Cora Commissioner"
    assert [one for one in audit(world.kent, KENT) if one[2] == home] == [
        (us, "ask for the full document of a home", home, WHY),
        ("leeds-node", "receive a full document", home, ""),
        (us, "read a full document that was given", home, WHY),
    ]
    assert [one[:3] for one in audit(world.leeds, LEEDS) if one[2] == home] == [
        ("Sam Sample", "keep the full documents of homes and give them out", home),
        ("kent-node", "receive an asking for a full document", home),
        ("leeds-node", "give a full document", home),
    ]
    assert "Kent Cora Commissioner" in words_of(world.officer.get(ASKED))


def test_the_provider_sees_who_asked_and_never_why(world: World) -> None:
    app = create_app(world.leeds)
    staff = signed_in(app, Role.PROVIDER, LEEDS)
    assert claim(staff, URN).status_code == 303
    assert "Nobody has asked yet." in words_of(staff.get("/our-homes/asked"))
    world.keep(a_pdf())
    world.ask()
    world.deliver()
    assert "Nobody has asked yet." in words_of(staff.get("/our-homes/asked"))  # not confirmed
    number = number_of(world.leeds, "Acorn Care Ltd", URN)
    page = f"/authorities/{LEEDS}/providers"
    send(world.officer, f"{page}/claims/{number}/confirm", f"{page}/invite", looked_into="yes")
    shown = words_of(staff.get("/our-homes/asked"))
    assert "Kent Cora Commissioner" in shown
    assert "Given by the rule" in shown
    assert "quillwork" not in shown
    assert staff.get(ASKED).status_code == staff.get(KEEP).status_code == 403


@pytest.mark.both_databases(second_is_soak=True)
def test_what_is_not_kept_waits_for_an_officer_who_gives_it_or_says_why_not(world: World) -> None:
    world.ask()
    world.deliver()
    assert "Asked: the answer of Leeds is awaited" in world.shown()
    assert WHY in words_of(world.officer.get(ASKED))
    with reading(world.leeds.node_db) as connection:
        number = connection.scalar(select(document_asked.c.number))
    token = form_token(world.officer, ASKED)

    def decide(what: str, **fields: str) -> TestResponse:
        return world.officer.post(f"{ASKED}/{number}/{what}", data={"csrf_token": token, **fields})

    assert "No document of SC200001 is kept here" in words_of(decide("give"))
    assert "Say why, in 5 to 400 characters" in words_of(decide("refuse", reason="no"))
    world.keep(a_pdf())
    assert decide("give").status_code == 303
    assert "decided meanwhile" in words_of(decide("refuse", reason="Too late for that"))
    world.deliver()
    assert " Here " in world.shown()


def test_a_refusal_comes_back_with_its_reason_and_it_can_be_asked_again(world: World) -> None:
    world.ask()
    world.deliver()
    with reading(world.leeds.node_db) as connection:
        number = connection.scalar(select(document_asked.c.number))
    data = {"csrf_token": form_token(world.officer, ASKED), "reason": "The home has moved"}
    assert world.officer.post(f"{ASKED}/{number}/refuse", data=data).status_code == 303
    world.deliver()
    assert "Refused The home has moved" in world.shown()
    assert world.download().status_code == 404
    assert world.ask().status_code == 303


def test_a_reason_is_wanted_and_may_name_no_child(world: World) -> None:
    for reason, told in (
        ("", "Say why, in 5 to 400 characters"),
        ("x" * 401, "Say why"),
        ("For the child, born 9 April 2012", "may tell who a child is"),
        ("Our boy Zebedee was placed", "may tell who a child is"),
    ):
        answer = world.ask(reason)
        assert answer.status_code == 400
        assert told in words_of(answer)
        assert 'href="#reason"' in answer.text
        assert reason in answer.text or len(reason) > 400
    with reading(world.kent.node_db) as connection:
        assert not dispatches(connection)


def test_whoever_waits_or_has_it_does_not_ask_twice(world: World) -> None:
    world.ask()
    assert "the answer has not come yet" in words_of(world.ask())
    world.keep(a_pdf())
    world.deliver()
    assert "You have this document already" in words_of(world.ask())


def test_a_node_that_knows_no_askings_says_so(world: World) -> None:
    before = replace(world.leeds, receive=receive_notice)  # as 0.1.0 receives
    world.ask()
    deliver_due(world.kent, Door(before, world.kent.member))
    assert "The node of Leeds cannot be asked yet: call them" in world.shown()


# --- Attacks --------------------------------------------------------------------------------------


def asking_of(world: World, sender: str = KENT, urn: str = URN) -> Message:
    at = world.leeds.now()
    body = encode_document_body(DocumentAsking(urn, "statement-of-purpose", WHY, "Mallory"))
    return Message(1, token_hex(16), sender, LEEDS, at, at, msgspec.Raw(body))


def arrive(node: Node, message: Message) -> None:
    with writing(node.node_db) as connection:
        receive(connection, node, message, node.now())


def states(world: World) -> list[str]:
    with reading(world.leeds.node_db) as connection:
        return list(connection.scalars(select(document_asked.c.state)))


def test_whoever_is_no_member_is_given_nothing(world: World) -> None:
    world.keep(a_pdf())
    arrive(world.leeds, asking_of(world, sender="E09000001"))
    assert states(world) == ["waiting"]
    with reading(world.leeds.node_db) as connection:
        assert not connection.scalar(select(func.count()).select_from(outgoing_chunk))
        number = connection.scalar(select(document_asked.c.number))
    data = {"csrf_token": form_token(world.officer, ASKED)}
    answer = world.officer.post(f"{ASKED}/{number}/give", data=data)
    assert "no active member of the charter" in words_of(answer)
    assert states(world) == ["waiting"]


def test_a_suspended_member_is_given_nothing_and_cannot_be_asked(world: World) -> None:
    world.keep(a_pdf())
    message = asking_of(world)
    world.one.suspend("kent-node")
    arrive(world.leeds, message)
    assert states(world) == ["waiting"]
    world.one.suspend("leeds-node")
    assert "No active member of the charter speaks for Leeds" in words_of(world.ask())


def test_an_asking_that_is_played_again_gives_no_second_document(world: World) -> None:
    world.keep(a_pdf())
    world.ask()
    held: list[bytes] = []

    class Replaying(Door):
        def deliver(self, gss: str, sealed: bytes) -> str:
            held.append(sealed)
            first = super().deliver(gss, sealed)
            assert super().deliver(gss, sealed) == first
            return first

    deliver_due(world.kent, Replaying(world.leeds, world.kent.member))
    assert len(held) == 1
    assert states(world) == ["given"]
    with reading(world.leeds.node_db) as connection:
        assert len(dispatches(connection)) == 1


def test_nobody_gathers_the_doors_of_a_county_by_the_rule(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering, "MOST_A_DAY", 2)
    world.keep(a_pdf())
    for _ in range(4):
        arrive(world.leeds, asking_of(world))
    assert states(world) == ["given", "given", "waiting", "waiting"]
    monkeypatch.setattr(answering, "MOST_WAITING", 2)
    arrive(world.leeds, asking_of(world))
    assert sorted(states(world)) == ["given", "given", "refused", "waiting", "waiting"]


@pytest.mark.parametrize(
    ("state", "data"),
    [
        ("given", b"MZ\x90\x00 this is a program"),
        ("given", b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR" + bytes(40)),
        ("given", b"%PDF-1.7\n1 0 obj << /S /JavaScript /JS (app.alert) >>"),
        ("given", None),
        ("refused", b"%PDF-1.7\n"),
    ],
)
def test_what_comes_and_is_not_the_document_is_refused(
    world: World, state: str, data: bytes | None
) -> None:
    world.ask()
    message = world.answer(
        DocumentAnswer(world.asking(), state, world.kent.now()),  # type: ignore[arg-type]
        data,
    )
    deliver_due(world.leeds, Door(world.kent, world.leeds.member))
    with reading(world.leeds.node_db) as connection:
        assert dispatches(connection)[message.id].problem == "malformed"
    assert " Here " not in world.shown()
    assert world.download().status_code == 404


def test_chunks_of_another_file_are_refused(world: World) -> None:
    world.ask()
    now = world.kent.now()
    message = world.answer(DocumentAnswer(world.asking(), "given", now), a_pdf())
    with writing(world.leeds.node_db) as connection:
        connection.execute(outgoing_chunk.update().values(sealed=b"another"))
    deliver_due(world.leeds, Door(world.kent, world.leeds.member))
    with reading(world.leeds.node_db) as connection:
        assert dispatches(connection)[message.id].state == "waiting"
    assert " Here " not in world.shown()


def test_nobody_but_the_authority_that_was_asked_can_answer_and_it_only_once(world: World) -> None:
    world.ask()
    body = DocumentAnswer(world.asking(), "refused", world.kent.now(), "Not today")
    with pytest.raises(Malformed):
        arrive(world.kent, world.answer(body, sender=LEWISHAM))
    arrive(world.kent, world.answer(body))
    with pytest.raises(Malformed):
        arrive(world.kent, world.answer(body))


def test_another_person_s_session_opens_no_document(world: World) -> None:
    world.keep(a_pdf())
    world.ask()
    world.deliver()
    app = create_app(world.kent)
    colleague = signed_in(app, Role.COMMISSIONER, name="Colin Colleague")
    assert "Download" not in words_of(colleague.get(ASK))
    assert world.download(colleague).status_code == 403
    elsewhere = carrying(
        app, session_for(world.kent, make_person(world.kent, (Role.DUTY_OFFICER, KENT)))
    )
    assert world.download(elsewhere).status_code in (400, 403)
    assert "sign-in" in world.download(app.test_client()).location
    assert ADDRESS.encode() in world.download().data


# --- Files that are something else ----------------------------------------------------------------


def a_bomb() -> bytes:
    """A PDF with an object stream that unpacks to a gigabyte."""
    packer = zlib.compressobj(9)
    stream = b"".join(packer.compress(bytes(1 << 20)) for _ in range(64)) + packer.flush()
    return (
        b"%PDF-1.5\n1 0 obj << /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length "
        + str(len(stream)).encode()
        + b" >> stream\n"
        + stream
        + b"\nendstream endobj\ntrailer << /Root 1 0 R >>\n%%EOF"
    )


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "a program": (lambda: b"MZ\x90\x00" + bytes(400), "is a program"),
    "a picture": (lambda: b"\xff\xd8\xff" + bytes(400), "is a picture"),
    "a page": (lambda: b"<html><script>1</script></html>", "none of the kinds"),
    "old Word": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), "old kind of Word"),
    "macros": (lambda: with_part(a_docx(), "word/vbaProject.bin", b"x"), "holds macros"),
    "a document within": (
        lambda: with_part(a_docx(), "word/embeddings/a.docx", a_docx()),
        "macros",
    ),
    "a zip within": (lambda: with_part(a_docx(), "word/media/a.zip", b"PK"), "other files"),
    "a part that unpacks to 300 MB": (
        lambda: with_part(a_docx(), "word/media/a.png", bytes(300_000_000)),
        "time and memory",
    ),
    "a script": (
        lambda: a_pdf().replace(b"/Type /Catalog", b"/Type /Catalog /AA << /S /JavaScript >>"),
        "holds a script",
    ),
    "a file within": (
        lambda: a_pdf(lambda one: one.embed_file(bytes=b"x", basename="a.txt")),
        "holds a script",
    ),
    "a password": (lambda: a_pdf(lambda one: one.set_encryption("o", "u")), "password"),
    "a bomb": (a_bomb, "could not be looked into"),
    "half of it": (lambda: a_pdf()[:200], "damaged"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_file_that_is_no_document_is_refused_for_its_reason(what: str) -> None:
    make, told = REFUSED[what]
    with pytest.raises(Unfit, match=told):
        cleaned(make())


def test_a_refusal_stands_beside_the_field_and_what_is_kept_stays(world: World) -> None:
    world.keep(a_pdf())
    for data, told in ((b"", "Choose a PDF or Word"), (b"MZ\x90\x00" + bytes(99), "is a program")):
        answer = world.keep(data)
        assert answer.status_code == 400
        assert told in words_of(answer)
        assert 'href="#file"' in answer.text
    assert "A PDF is kept, by Sam Sample" in words_of(world.officer.get(KEEP))


def test_two_hundred_megabytes_are_refused_before_they_are_read(world: World) -> None:
    answer = world.officer.post(
        KEEP,
        data=b"",
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": "200000000"},
    )
    assert answer.status_code == 413
    assert "The file is larger than 25 MB" in words_of(answer)


def test_what_is_kept_can_be_destroyed(world: World) -> None:
    world.keep(a_docx())
    token = form_token(world.officer, KEEP)
    world.officer.post(f"{KEEP}/remove", data={"csrf_token": token})
    assert "Nothing is kept yet" in words_of(world.officer.get(KEEP))


def test_pictures_in_a_document_lose_what_the_camera_wrote_and_nothing_that_is_seen() -> None:
    taken, drawn = a_photograph(), BytesIO()
    info = PngInfo()
    info.add_text("Author", AUTHOR)
    Image.new("RGB", (300, 300), "teal").save(drawn, "PNG", pnginfo=info)
    trailer = taken + b"Quillphone, and a film of the street"
    pdf = a_pdf(lambda paper: paper.image(BytesIO(trailer)))
    word = Word()
    for file in (trailer, drawn.getvalue()):
        word.add_picture(BytesIO(file))
    saved = BytesIO()
    word.save(saved)
    assert b"Quillphone" in pdf, "or else this shows nothing"
    for data in (pdf, saved.getvalue()):
        inside = without_packing(cleaned(data)[1])
        for telling in (b"Quillphone", b"GPS", AUTHOR.encode()):
            assert telling not in inside
    before, after = (Image.open(BytesIO(one)) for one in (trailer, bare(trailer, turned=True)))
    assert before.tobytes() == after.tobytes()
    assert dict(after.getexif()) == {0x0112: 6}, "how the camera was held, and nothing else"
    assert not Image.open(BytesIO(bare(trailer))).getexif()
    for damaged in (taken[:40], taken[:-200], drawn.getvalue()[:-5]):
        with pytest.raises(ValueError, match=r"cut off|no end|no marker"):
            bare(damaged)
