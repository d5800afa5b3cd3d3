"""Attachments: opened whole, by whom they are for, in the message and place that they are of."""

from collections.abc import Iterable
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from protocols.attachments import (
    MAX_ATTACHED,
    MAX_ATTACHMENTS,
    MAX_CHUNK,
    Attachment,
    attachment_context,
    chunk_count,
    chunk_digest,
    open_attachment,
    seal_attachment,
)
from protocols.encoding import b64url
from protocols.errors import Malformed
from protocols.keys import Purpose
from protocols.messages import MAX_SEALED
from protocols.notices import encode_body
from tests.protocols.factories import (
    ALDERTON,
    BIRCHWICK,
    SCAN,
    attachment,
    cobblestone,
    compact_jwe,
    compact_jws,
    cut,
    flip,
    jws_header,
    key,
    message,
    notice,
    opened,
    sealed,
    seed,
)

KEY, CONTEXT = seed("attachment key"), attachment_context(ALDERTON, "0" * 31 + "1", 0)
# One byte more than fits into a chunk with its tags.
BRIM = MAX_CHUNK - 56 - 16 * 64


# --- What arrives ---------------------------------------------------------------------------------


@given(st.integers(1, 3 * MAX_CHUNK), st.integers(1, 2 * MAX_CHUNK))
@example(BRIM, 65_536)
@example(BRIM - 1, 65_536)
@example(16_384, 16_384)
def test_a_file_arrives_as_it_was_sent_however_it_was_read(size: int, at_once: int) -> None:
    content = file(size)
    chunks = list(seal_attachment(KEY, CONTEXT, pieces(content, at_once)))
    assert len(chunks) == chunk_count(size)
    assert {len(chunk) for chunk in chunks[:-1]} <= {MAX_CHUNK}
    assert read(naming(chunks, size), chunks) == content


def test_a_seal_made_from_the_c2sp_document_by_hand_opens() -> None:
    content = file(MAX_CHUNK)
    by_hand = cut(cobblestone(KEY, CONTEXT, content))
    assert read(naming(by_hand, len(content)), by_hand) == content


def test_a_message_brings_the_names_of_its_attachments() -> None:
    both = (attachment(), attachment(SCAN + b" ", 1, name="Photograph.PNG", type="image/png"))
    assert opened(sealed(message(attachments=both))).message.attachments == both


def test_a_message_without_attachments_is_written_as_it_always_was() -> None:
    assert b"attachments" not in msgspec.json.encode(message())
    with pytest.raises(Malformed, match="canonical"):
        opened(sealed_by_hand(attachments=[]))


def test_the_longest_notice_arrives_with_as_many_attachments_as_there_may_be() -> None:
    body = encode_body(
        notice(
            **dict.fromkeys(
                ("assessment_of_needs", "why_most_suitable", "care_plan"), "字" * 60_000
            )
        )
    )
    size = MAX_ATTACHED // MAX_ATTACHMENTS
    many = tuple(
        naming(
            [b"%d/%d" % (n, at) for at in range(chunk_count(size))], size, f"{'字' * 115}{n}.pdf"
        )
        for n in range(MAX_ATTACHMENTS)
    )
    delivered = sealed(message(body=msgspec.Raw(body), attachments=many))
    assert len(delivered) <= MAX_SEALED
    assert opened(delivered).message.attachments == many


# --- What was changed on the way ------------------------------------------------------------------


@given(st.data())
def test_a_chunk_with_any_bit_flipped_is_refused_also_by_who_names_it(data: st.DataObject) -> None:
    """Whoever signs the message could name any bytes."""
    (chunk,) = seal_attachment(KEY, CONTEXT, [SCAN])
    changed = flip(chunk, data.draw(st.integers(0, len(chunk) * 8 - 1)))
    with pytest.raises(Malformed, match="not the one that the message names"):
        read(naming([chunk], len(SCAN)), [changed])
    with pytest.raises(Malformed, match="does not open"):
        read(naming([changed], len(SCAN)), [changed])


@given(st.permutations(range(3)))
def test_chunks_in_another_order_are_refused(order: list[int]) -> None:
    chunks = list(seal_attachment(KEY, CONTEXT, [file(2 * MAX_CHUNK + 5)]))
    shuffled = [chunks[at] for at in order]
    if shuffled != chunks:
        for one in (naming(chunks, 2 * MAX_CHUNK + 5), naming(shuffled, 2 * MAX_CHUNK + 5)):
            with pytest.raises(Malformed):
                read(one, shuffled)


@given(st.integers(0, MAX_CHUNK + 1000))
def test_a_file_cut_short_anywhere_is_refused(left: int) -> None:
    size = MAX_CHUNK
    whole = b"".join(seal_attachment(KEY, CONTEXT, [file(size)]))
    chunks = [*cut(whole[:left]), b"", b""][:2]
    with pytest.raises(Malformed):
        read(naming(chunks, size), chunks)


def test_a_file_is_not_taken_for_longer_or_shorter_than_it_is() -> None:
    chunks = list(seal_attachment(KEY, CONTEXT, [SCAN]))
    for size in (len(SCAN) - 1, len(SCAN) + 1):
        with pytest.raises(Malformed, match="not as long"):
            read(naming(chunks, size), chunks)
    with pytest.raises(Malformed):
        read(naming(chunks, len(SCAN)), [*chunks, *chunks])
    with pytest.raises(Malformed):
        read(naming(chunks, len(SCAN)), [])


@pytest.mark.parametrize(
    "other",
    [
        attachment_context(ALDERTON, "0" * 31 + "1", 1),
        attachment_context(ALDERTON, "0" * 31 + "2", 0),
        attachment_context(BIRCHWICK, "0" * 31 + "1", 0),
        b"",
    ],
    ids=["place", "message", "sender", "none"],
)
def test_a_file_opens_nowhere_but_in_its_own_place(other: bytes) -> None:
    chunks = list(seal_attachment(KEY, CONTEXT, [SCAN]))
    with pytest.raises(Malformed, match="does not open"):
        read(naming(chunks, len(SCAN)), chunks, other)


def test_a_file_opens_with_no_other_key() -> None:
    chunks = list(seal_attachment(seed("another"), CONTEXT, [SCAN]))
    with pytest.raises(Malformed, match="does not open"):
        read(naming(chunks, len(SCAN)), chunks)


def test_the_same_file_sealed_twice_has_no_chunk_in_common() -> None:
    size = 2 * MAX_CHUNK
    one, other = (set(seal_attachment(KEY, CONTEXT, [file(size)])) for _ in range(2))
    assert not one & other


# --- What a message may name ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        *("", ".pdf", " .pdf", "a/b.pdf", "..\\b.pdf", "a:b.pdf", 'a".pdf', "a<b.pdf", "a|b.pdf"),
        *(
            "a\n.pdf",
            "a\u202efdp.pdf",
            "a\u200b.pdf",
            "a\x00.pdf",
            "\u2028.pdf",
            "a?.pdf",
            "a*.pdf",
        ),
        *("plan.pdf.exe", "plan", "plan.docx", "plan.PDF ", "plan.pdf.", f"{'x' * 117}.pdf"),
    ],
)
def test_a_file_of_a_name_that_misleads_is_refused(name: str) -> None:
    with pytest.raises(Malformed):
        opened(sealed_by_hand(attachments=[as_json(attachment(), name=name)]))


@pytest.mark.parametrize(
    "name", ["Pflegeplan für Zoë.pdf", "字.PDF", "a..b (2).pdf", "x" * 116 + ".pdf"]
)
def test_a_file_of_a_plain_name_is_taken(name: str) -> None:
    assert opened(sealed_by_hand(attachments=[as_json(attachment(), name=name)]))


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "text/html", "name": "a.html"},
        {"type": "application/vnd.ms-word.document.macroEnabled.12", "name": "a.docm"},
        {"size": 0, "chunks": []},
        {"size": MAX_ATTACHED + 1},
        {"size": MAX_CHUNK},
        {"chunks": []},
        {"chunks": ["A" * 43] * 2},
        {"chunks": ["A" * 42 + "B"]},
        {"key": "A" * 42},
        {"key": "A" * 42 + "B"},
        {"url": "https://evil.example"},
    ],
    ids=str,
)
def test_an_attachment_of_another_form_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        opened(sealed_by_hand(attachments=[as_json(attachment(), **changes)]))


def test_more_than_may_be_attached_is_refused() -> None:
    half = MAX_ATTACHED // 2
    files = [
        naming([b"%d %d" % (at, n) for at in range(chunk_count(half))], half, f"{n}.pdf")
        for n in range(3)
    ]
    assert opened(sealed_by_hand(attachments=[as_json(one) for one in files[:2]]))
    with pytest.raises(Malformed):
        opened(sealed_by_hand(attachments=[as_json(one) for one in files]))
    small = [as_json(naming([b"%d" % n], 1, f"{n}.pdf")) for n in range(MAX_ATTACHMENTS + 1)]
    assert opened(sealed_by_hand(attachments=small[1:]))
    with pytest.raises(Malformed):
        opened(sealed_by_hand(attachments=small))


def test_two_files_with_one_name_or_one_chunk_are_refused() -> None:
    one, other = naming([b"1"], 1, "plan.pdf"), naming([b"2"], 1, "PLAN.pdf")
    for pair in ([one, other], [one, naming([b"1"], 1, "other.pdf")]):
        with pytest.raises(Malformed):
            opened(sealed_by_hand(attachments=[as_json(each) for each in pair]))


# --- By hand --------------------------------------------------------------------------------------


def file(size: int) -> bytes:
    return (seed("content") * (size // 32 + 1))[:size]


def pieces(content: bytes, size: int) -> list[bytes]:
    return [content[at : at + size] for at in range(0, len(content), size)]


def naming(chunks: Iterable[bytes], size: int, name: str = "Care plan.pdf") -> Attachment:
    """An attachment that names these chunks, whatever they are."""
    digests = tuple(map(chunk_digest, chunks))
    return Attachment(name, "application/pdf", size, b64url(KEY), digests)


def read(one: Attachment, chunks: Iterable[bytes], context: bytes = CONTEXT) -> bytes:
    return b"".join(open_attachment(one, context, chunks))


def as_json(one: Attachment, **changes: Any) -> dict[str, Any]:
    return msgspec.to_builtins(one) | changes


def sealed_by_hand(**members: Any) -> bytes:
    """The message with these members, signed and sealed whatever they are."""
    payload = msgspec.json.encode(msgspec.json.decode(msgspec.json.encode(message())) | members)
    signed = compact_jws(jws_header(), payload, key(ALDERTON, Purpose.SIGNING))
    return compact_jwe(signed.encode(), key(BIRCHWICK, Purpose.SEALING).public)
