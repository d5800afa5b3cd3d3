"""What may go with a notice: known by its content, and bringing nothing that acts by itself."""

import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.intake.attachments.choosing import Chosen, enclosures
from directory.intake.attachments.errors import (
    AttachmentError,
    BringsInstructions,
    NotLookedInto,
    TooMuch,
    UnknownKind,
    UnusableName,
)
from directory.intake.attachments.kinds import kind_of
from protocols.attachments import MAX_ATTACHED, MAX_FILE_NAME
from tests.directory.files import DOCX, JPEG, PDF, PNG, docx, pdf

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def kind(content: bytes) -> str:
    return kind_of(BytesIO(content))


def names(*files: tuple[str, bytes]) -> list[str]:
    return [one.name for one in enclosures([Chosen(n, BytesIO(c)) for n, c in files])]


@pytest.mark.parametrize(
    ("content", "expected"),
    [(PDF, "application/pdf"), (DOCX, WORD), (JPEG, "image/jpeg"), (PNG, "image/png")],
    ids=["pdf", "docx", "jpeg", "png"],
)
def test_a_file_is_known_by_its_content_whatever_it_is_called(
    content: bytes, expected: str
) -> None:
    (one,) = enclosures([Chosen("picture.exe", BytesIO(content))])
    assert (one.type, one.content.read()) == (expected, content)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"MZ\x90\x00 a program", "is a program"),
        (b"\x7fELF\x02", "is a program"),
        (b"#!/bin/sh\n", "is a program"),
        (b"<html><script>", "none of the kinds"),
        (b"{\\rtf1 }", "none of the kinds"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "the old kind of Word"),
        (b"GIF89a", "none of the kinds"),
        (b"  %PDF-1.7", "none of the kinds"),
        (b"%PDF-9", "none of the kinds"),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_a_file_of_another_kind_is_refused_in_words(content: bytes, why: str) -> None:
    with pytest.raises(UnknownKind, match=why):
        kind(content)


@pytest.mark.parametrize(
    "said",
    [
        b"/OpenAction << /S /JavaScript /JS (app.alert(1)) >>",
        b"/S /J#61vaScript",
        b"/S/#4a#61#76#61#53#63#72#69#70#74",
        b"/AA << /O << /S /Launch /F (cmd.exe) >> >>",
        b"/Names << /EmbeddedFiles 3 0 R >>",
        b"/Type /Annot /Subtype /RichMedia",
        b"/AcroForm << /XFA 5 0 R >>",
    ],
)
def test_a_pdf_that_acts_is_refused_also_within_an_object_stream(said: bytes) -> None:
    with pytest.raises(BringsInstructions, match="Print it to a new PDF"):
        kind(pdf(said))
    packed = zlib.compress(b"1 0 << " + said + b" >>")
    with pytest.raises(BringsInstructions):
        kind(pdf(b"/Type /ObjStm /Filter /FlateDecode", packed))


def test_what_a_pdf_shows_is_not_taken_for_what_it_does() -> None:
    assert kind(pdf(b"/Filter /DCTDecode", b"\xff\xd8 /JS /Launch /Encrypt \xff\xd9"))
    assert kind(pdf(b"/JSomething /MyLaunch"))


def test_a_pdf_that_cannot_be_looked_into_is_refused() -> None:
    with pytest.raises(NotLookedInto, match="password"):
        kind(pdf(b"/Encrypt 7 0 R"))
    for packed in (b"not deflated", zlib.compress(bytes(17 * 1024 * 1024))):
        with pytest.raises(NotLookedInto):
            kind(pdf(b"/Type /ObjStm", packed))


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (lambda: docx(**{"word/vbaProject.bin": b"x"}), BringsInstructions),
        (lambda: docx(**{"word/embeddings/oleObject1.bin": b"x"}), BringsInstructions),
        (lambda: docx(**{"word/embeddings/a.exe": b"MZ"}), BringsInstructions),
        (lambda: docx(kind="vnd.ms-word.document.macroEnabled.main+xml"), BringsInstructions),
        (lambda: docx(leads="attachedTemplate"), BringsInstructions),
        (lambda: docx(leads="oleObject"), BringsInstructions),
        (lambda: docx(kind="vnd.ms-excel.sheet.main+xml"), UnknownKind),
        (lambda: docx()[:-30], NotLookedInto),
        (lambda: docx(**{"_rels/.rels": b'<!DOCTYPE x [<!ENTITY a "b">]><x/>'}), NotLookedInto),
        (lambda: docx(**{"_rels/.rels": "<x/>".encode("utf-16")}), NotLookedInto),
        (lambda: docx(**{"_rels/.rels": b"<x>" + bytes(2**20)}), NotLookedInto),
        (lambda: docx(**{f"word/{n}.xml": b"" for n in range(2001)}), NotLookedInto),
    ],
)
def test_a_word_document_that_acts_or_hides_is_refused(
    made: Callable[[], bytes], reason: type[AttachmentError]
) -> None:
    with pytest.raises(reason):
        kind(made())


def test_a_word_document_with_a_link_to_follow_is_taken() -> None:
    assert kind(docx(leads="hyperlink")) == WORD


def test_any_other_archive_is_refused() -> None:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.txt", "x")
    with pytest.raises(UnknownKind, match="ZIP"):
        kind(packed.getvalue())
    with pytest.raises(UnknownKind, match="program"):
        kind(b"MZ" + DOCX)


@given(st.binary(max_size=200), st.sampled_from([PDF, DOCX, JPEG, PNG]), st.integers(0, 600))
def test_whatever_is_chosen_is_taken_or_refused_in_words(
    noise: bytes, good: bytes, at: int
) -> None:
    for content in (noise, good[:at], good[:at] + noise + good[at:]):
        why = why_not(content)
        assert why is None or why.startswith(("is ", "holds ", "could ", "has "))


def why_not(content: bytes) -> str | None:
    try:
        enclosures([Chosen("x", BytesIO(content))])
    except AttachmentError as error:
        return str(error)
    return None


def test_names_are_made_harmless_and_told_apart() -> None:
    assert names(
        ("../../etc/Care plan.pdf", PDF),
        ("C:\\scans\\care PLAN.PDF", PDF),
        ("evil\u202efdp.exe", PDF),
        (".hidden", PNG),
        ("..", JPEG),
        ("photo.JPEG", JPEG),
        ("x" * 500 + ".docx", DOCX),
    ) == [
        "Care plan.pdf",
        "care PLAN (2).PDF",
        "evil fdp.exe.pdf",
        "hidden.png",
        "file.jpg",
        "photo.JPEG",
        "x" * (MAX_FILE_NAME - 10) + ".docx",
    ]
    with pytest.raises(UnusableName):
        names(("\u3000.pdf", PDF))


def test_more_than_25_megabytes_or_ten_files_are_refused() -> None:
    half = PNG + bytes(MAX_ATTACHED // 2)
    with pytest.raises(TooMuch, match="25 MB") as raised:
        names(("a.png", half), ("b.png", half))
    assert raised.value.number == 1
    assert names(("a.png", PNG + bytes(MAX_ATTACHED - len(PNG))))
    with pytest.raises(TooMuch, match="10 files"):
        names(*[(f"{n}.png", PNG) for n in range(11)])
    with pytest.raises(TooMuch, match="empty"):
        names(("a.png", b""))
