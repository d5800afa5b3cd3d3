"""An existing file is read in a process of its own, its sections are found, and a person goes
through them. Files that are something else are refused in words.
"""

import re
import socket
import sys
import threading
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document as Word
from flask.testing import FlaskClient
from fpdf import FPDF

from directory.app import create_app
from directory.intake.apart import running
from directory.providers.statements.desks import Desk
from directory.providers.statements.drafts import read_draft
from directory.providers.statements.errors import NotReady
from directory.providers.statements.handing_in import hand_in_statement
from directory.providers.statements.importing import reading as reader
from directory.providers.statements.importing.clamav import refuse_infected
from directory.providers.statements.importing.reading import read_lines
from directory.providers.statements.importing.refusals import LARGEST, WORDS, Refusal, Refused
from directory.providers.statements.importing.sections import find_sections
from directory.providers.statements.schedule import PARAGRAPHS
from directory.security.rights.principal import operator
from directory.security.rights.roles import Role
from federation import Node, reading, writing
from protocols.statements import Matter
from tests.directory.people import form_token, signed_in
from tests.directory.statements.corpus import Document
from tests.directory.statements.held_out import HELD_OUT
from tests.directory.statements.layouts import LAYOUTS, file_of
from tests.directory.visiting import words_of
from tests.directory.worlds import KENT, a_home, consortium

URN = "SC100001"
SCRIPT = b"/OpenAction << /S /JavaScript /JS (app.alert) >>"
PAGE = f"/authorities/{KENT}/statements/{URN}"


def found_in(document: Document) -> dict[Matter, str]:
    sections = find_sections(read_lines(file_of(document))).sections
    return {matter: " ".join(text.split()) for matter, text in sections.items()}


def right(document: Document) -> tuple[int, list[str]]:
    """How many sections stand where they belong, and there alone; the headings of the others."""
    found = found_in(document)
    wrong = []
    for heading, matter, text in document.sections:
        said = text.replace("’", "'")
        held = [one for one, whole in found.items() if said in whole.replace("’", "'")]
        if held != ([matter] if matter else []):
            wrong.append(heading)
    return len(document.sections) - len(wrong), wrong


# --- Finding sections -----------------------------------------------------------------------------


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_schedules_own_headings_are_found_in_every_layout_and_order(layout: str) -> None:
    chosen = [one for one in PARAGRAPHS if one.matter != "curriculum"]
    if layout in ("tables", "bold lines"):
        chosen.reverse()
    sections = tuple(
        (
            f"{one.number}. {one.title.upper() if 'capitals' in layout else one.title}",
            one.matter,
            f"What stands under the number {one.number} is no more than this.",
        )
        for one in chosen
    )
    assert right(Document("the Schedule's", layout, sections)) == (len(sections), [])


def test_most_headings_are_right_in_documents_that_the_rules_were_not_made_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    total = every = 0
    said: list[str] = []
    for document in HELD_OUT:
        good, wrong = right(document)
        total, every = total + good, every + len(document.sections)
        said.append(f"{document.name}: {good} of {len(document.sections)}; not {wrong}")
    said.append(f"headings right: {total} of {every}, {total / every:.1%}")
    with capsys.disabled():
        sys.stdout.write("\n".join(["", *said, ""]))
    assert total / every >= 0.8


def test_a_slip_of_spelling_and_a_contents_page_do_no_harm() -> None:
    sections = (
        ("Accomodation", "accommodation", "Four rooms."),
        ("Complaints proceedure", "complaints", "Write to us."),
        ("Surveilance", "surveillance", "None."),
    )
    assert right(Document("slips", "capitals, portable", sections))[1] == []


def test_a_table_of_staff_stays_in_its_section() -> None:
    word = Word()
    word.add_paragraph("Experience and qualifications of staff", style="Heading 1")
    table = word.add_table(rows=0, cols=2)
    for name, said in (("Jo Example", "Level 3 diploma"), ("Education lead", "A teacher")):
        cells = table.add_row().cells
        cells[0].text, cells[1].text = name, said
    word.add_paragraph("Admission", style="Heading 1")
    word.add_paragraph("Planned moves, after two visits and a talk with each child who is here.")
    found = find_sections(read_lines(saved(word))).sections
    assert "Jo Example\n\nLevel 3 diploma" in found["qualifications"]
    assert set(found) <= {"qualifications", "admission", "schooling"}


# --- Files that are something else ----------------------------------------------------------------


def saved(word) -> bytes:  # type: ignore[no-untyped-def]
    file = BytesIO()
    word.save(file)
    return file.getvalue()


def a_docx() -> bytes:
    return file_of(HELD_OUT[0])


def a_pdf(change: Callable[[FPDF], object] = lambda _: None, text: str = "Ethos. " * 20) -> bytes:
    paper = FPDF()
    paper.add_page()
    paper.set_font("Helvetica", size=11)
    paper.multi_cell(0, 6, text)
    change(paper)
    return bytes(paper.output())


def with_part(name: str, data: bytes, before: bytes | None = None) -> bytes:
    file = BytesIO(before or a_docx())
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return file.getvalue()


def with_document(change: Callable[[bytes], bytes]) -> bytes:
    """A Word document whose text is another."""
    file = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(a_docx())) as old,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.infolist():
            data = old.read(part)
            new.writestr(part, change(data) if part.filename == "word/document.xml" else data)
    return file.getvalue()


def entity(data: bytes) -> bytes:
    return data.replace(b"<w:document", b'<!DOCTYPE x [<!ENTITY a "aaaa">]><w:document', 1)


def a_docm() -> bytes:
    """A Word document that says of itself that it has macros, whatever its name."""
    file = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(a_docx())) as old,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.infolist():
            told = old.read(part).replace(
                b"vnd.openxmlformats-officedocument.wordprocessingml.document.main",
                b"vnd.ms-word.document.macroEnabled.main",
            )
            new.writestr(part, told)
    return file.getvalue()


def a_bomb() -> bytes:
    """A PDF of some kilobytes whose page unpacks to more than a gigabyte."""
    packer = zlib.compressobj(9)
    once = packer.compress(bytes(1 << 24)) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(bytes(1 << 24)) + packer.flush(zlib.Z_FULL_FLUSH)
    packed = zlib.compress(once + again * 70)
    page = a_pdf(lambda one: one.set_compression(True))
    begins = page.index(b"/FlateDecode")
    stream = page.index(b"stream\n", begins) + len(b"stream\n")
    length = re.search(rb"/Length [0-9]+", page[begins:stream])
    assert length
    said = page[begins:stream].replace(length[0], b"/Length %d" % len(packed))
    twice = said.replace(b"/FlateDecode", b"[/FlateDecode /FlateDecode]", 1)
    return page[:begins] + twice + packed + page[page.index(b"\nendstream", stream) :]


def a_zip() -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("statement.docx", a_docx())
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (lambda: b"MZ\x90\x00" + bytes(400), Refusal.NOT_WHAT_IT_SAYS),
        (lambda: b"<html><script>alert(1)</script></html>", Refusal.NOT_WHAT_IT_SAYS),
        (lambda: b"PK\x03\x04" + bytes(400), Refusal.NOT_WHAT_IT_SAYS),
        (lambda: a_docx()[:3000], Refusal.NOT_WHAT_IT_SAYS),
        (a_zip, Refusal.NOT_WHAT_IT_SAYS),
        (lambda: with_document(entity), Refusal.NOT_WHAT_IT_SAYS),
        (lambda: with_document(lambda _: b"<w:document"), Refusal.NOT_WHAT_IT_SAYS),
        (lambda: b"%PDF-1.7\n" + bytes(400), Refusal.NOT_WHAT_IT_SAYS),
        (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(400), Refusal.OLD_WORD),
        (lambda: with_part("word/vbaProject.bin", b"x"), Refusal.RUNS),
        (a_docm, Refusal.RUNS),
        (lambda: with_part("word/activeX/activeX1.xml", b"<x/>"), Refusal.RUNS),
        (lambda: with_part("word/embeddings/a.bin", b"x"), Refusal.NESTED),
        (lambda: with_part("word/media/more.zip", a_zip()), Refusal.NESTED),
        (lambda: with_part("word/a.xml", bytes(20_000_001)), Refusal.TOO_LARGE),
        (lambda: with_part("word/media/image1.png", bytes(150_000_001)), Refusal.TOO_LARGE),
        (lambda: bytes(LARGEST + 1), Refusal.TOO_LARGE),
        (a_bomb, Refusal.TOO_MUCH),
        (lambda: a_pdf(text=" "), Refusal.NO_TEXT),
        (lambda: a_pdf(lambda one: one.set_encryption("owner", "user")), Refusal.PROTECTED),
        (lambda: a_pdf(lambda one: one.embed_file(bytes=b"x", basename="a.txt")), Refusal.NESTED),
        (
            lambda: a_pdf().replace(b"/Type /Catalog", b"/Type /Catalog " + SCRIPT),
            Refusal.RUNS,
        ),
    ],
)  # fmt: skip
def test_a_file_that_is_something_else_is_refused_for_its_reason(
    data: Callable[[], bytes], refusal: Refusal
) -> None:
    with pytest.raises(Refused) as refused:
        read_lines(data())
    assert refused.value.refusal == refusal


def test_a_reader_that_takes_too_long_or_falls_takes_nothing_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as slow:
        slow.setattr(running, "_PATIENCE_S", 0.01)
        with pytest.raises(Refused, match="time and memory"):
            read_lines(a_pdf())
    monkeypatch.setattr(reader, "_READER", "there.is.no.such")
    with pytest.raises(Refused, match="time and memory"):
        read_lines(a_pdf())


# --- On the page ----------------------------------------------------------------------------------


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    with consortium(tmp_path, {"kent-node": [a_home(URN, name="Rowan House")]}) as one:
        yield one.reader


@pytest.fixture
def officer(node: Node) -> FlaskClient:
    return signed_in(create_app(node), Role.COMMISSIONER)


def send(client: FlaskClient, data: bytes, name: str = "statement.docx"):  # type: ignore[no-untyped-def]
    fields = {"csrf_token": form_token(client, f"{PAGE}/file"), "file": (BytesIO(data), name)}
    return client.post(f"{PAGE}/file", data=fields)


def test_what_is_found_waits_for_a_person_to_read_it(officer: FlaskClient, node: Node) -> None:
    answer = send(officer, file_of(HELD_OUT[2]))
    shown = words_of(officer.get(answer.location))
    assert "The sections that were found are filled in." in shown
    assert "Needs of the children Read and save" in shown
    with writing(node.node_db) as connection, pytest.raises(NotReady):
        hand_in_statement(connection, node, operator("ada"), Desk(KENT, URN))
    section = officer.get(f"{PAGE}/sections/admission")
    assert "This was filled in from a file." in words_of(section)
    assert "The budget is set in spring." in words_of(section)  # what stands in no section
    token = form_token(officer, f"{PAGE}/dates")
    text = "A panel meets."
    officer.post(f"{PAGE}/sections/admission", data={"csrf_token": token, "text": text})
    with reading(node.node_db) as connection:
        draft = read_draft(connection, node, operator("ada"), Desk(KENT, URN))
    assert "admission" not in draft.to_read
    assert "needs" in draft.to_read
    assert "Zebedee" not in str(draft)  # the file's author
    assert not [path for path in node.folder.rglob("*") if b"Zebedee" in read(path)]


def read(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


def test_a_refusal_stands_beside_the_field_and_what_was_written_is_kept(
    officer: FlaskClient, node: Node
) -> None:
    token = form_token(officer, f"{PAGE}/dates")
    officer.post(f"{PAGE}/sections/ethos", data={"csrf_token": token, "text": "Patience."})
    for data, words in (
        (b"", "Choose a PDF or Word document (DOCX)"),
        (with_part("word/vbaProject.bin", b"x"), WORDS[Refusal.RUNS]),
        (a_pdf(text="The weather is fine. " * 9), "No heading in the file"),
    ):
        answer = send(officer, data)
        assert answer.status_code == 400
        assert 'href="#file"' in answer.text
        assert words in words_of(answer)
    with reading(node.node_db) as connection:
        draft = read_draft(connection, node, operator("ada"), Desk(KENT, URN))
    assert draft.sections == {"ethos": "Patience."}


def test_a_file_that_names_a_child_and_the_door_is_held_up_until_both_are_taken_out(
    officer: FlaskClient, node: Node
) -> None:
    told = (
        ("Ethos and outcomes", "ethos", "Our boy Zebedee, born 9 April 2012, is calm here now."),
        ("Location", "location", "The home stands opposite the park, a short walk to the shops."),
    )
    answer = send(officer, file_of(Document("one that tells", "word styles", told)))
    assert answer.status_code == 303
    shown = words_of(officer.get(answer.location))
    for section in ("Ethos and outcomes", "Location"):
        assert re.search(rf"{section} ?: \d places? must be taken out", shown), shown
    with writing(node.node_db) as connection, pytest.raises(NotReady):
        hand_in_statement(connection, node, operator("ada"), Desk(KENT, URN))


def test_two_hundred_megabytes_are_refused_beside_the_field_before_they_are_read(
    officer: FlaskClient,
) -> None:
    answer = officer.post(
        f"{PAGE}/file",
        data=b"",
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": "200000000"},
    )
    assert answer.status_code == 413
    assert WORDS[Refusal.TOO_LARGE] in words_of(answer)
    assert 'href="#file"' in answer.text


# --- The virus scanner ----------------------------------------------------------------------------


@contextmanager
def scanner(folder: Path, answer: Callable[[bytes], bytes]) -> Iterator[Path]:
    """A daemon that speaks clamd's INSTREAM on a socket."""
    where = folder / "clamd.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
        listening.bind(str(where))
        listening.listen()

        def serve() -> None:
            try:
                while True:
                    one, _ = listening.accept()
                    with one, one.makefile("rb") as said:
                        assert said.read(10) == b"zINSTREAM\0"
                        data = b""
                        while size := int.from_bytes(said.read(4)):
                            data += said.read(size)
                        one.sendall(answer(data) + b"\0")
            except OSError:
                return

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield where
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()


def judge(data: bytes) -> bytes:
    return b"stream: Eicar-Signature FOUND" if b"EICAR" in data else b"stream: OK"


def test_a_scanner_is_asked_about_every_byte(tmp_path: Path) -> None:
    with scanner(tmp_path, judge) as where:
        refuse_infected(bytes(200_000), where)
        with pytest.raises(Refused) as refused:
            refuse_infected(bytes(200_000) + b"EICAR", where)
    assert refused.value.refusal == Refusal.INFECTED


def test_what_a_scanner_does_not_find_harmless_is_not_read(tmp_path: Path) -> None:
    for said in (b"INSTREAM size limit exceeded. ERROR", b"", b"stream: OK FOUND", b"OK"):
        with scanner(tmp_path, lambda _, said=said: said) as where, pytest.raises(Refused):
            refuse_infected(b"x", where)
        where.unlink()
    with pytest.raises(Refused) as refused:
        refuse_infected(b"x", tmp_path / "nobody.sock")
    assert refused.value.refusal == Refusal.NOT_SCANNED


def test_the_page_asks_the_scanner_when_there_is_one(node: Node, tmp_path: Path) -> None:
    with scanner(tmp_path, judge) as where:
        officer = signed_in(create_app(node, clamav=where), Role.COMMISSIONER)
        assert WORDS[Refusal.INFECTED] in words_of(send(officer, a_docx() + b"EICAR"))
        assert send(officer, a_docx()).status_code == 303
    assert re.search("could not be scanned", words_of(send(officer, a_docx())))
