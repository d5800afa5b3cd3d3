"""One value, one spelling: base64 and JSON."""

import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta, Struct
from msgspec.json import Decoder

from protocols.encoding import (
    b64,
    b64url,
    decode_canonical,
    decode_json,
    encode_canonical,
    from_b64,
    from_b64url,
    require_utc,
)
from protocols.errors import Malformed


class Thing(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Stands for any closed type."""

    word: str
    kind: Literal["a", "b"] = "a"
    number: Annotated[int, Meta(ge=0)] = 0
    when: datetime | None = None
    inner: tuple["Thing", ...] = ()
    code: Annotated[str, Meta(pattern="^[a-z`']*$")] = ""


THING = Decoder(Thing)


@given(st.binary(max_size=200))
def test_base64_comes_back(data: bytes) -> None:
    assert from_b64(b64(data), "x") == data
    assert from_b64url(b64url(data), "x") == data


@given(st.binary(max_size=60), st.data())
def test_any_other_spelling_of_base64_is_refused(data: bytes, draw: st.DataObject) -> None:
    """A character more, less or other: refused, or another value."""
    for encode, decode in ((b64, from_b64), (b64url, from_b64url)):
        text = encode(data)
        at = draw.draw(st.integers(0, len(text)))
        other = draw.draw(st.sampled_from([*"AZaz09+/-_= \n\r\t.\0é\ud800＝", ""]))
        for changed in (text[:at] + other + text[at:], text[:at] + other + text[at + 1 :]):
            if changed == text:
                continue
            with suppress(Malformed):
                assert decode(changed, "x") != data


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("QQ", "no padding"),
        ("QQ=", "half of it"),
        ("QR==", "trailing bits"),
        ("QQ==\n", "a newline"),
        (" QQ==", "a space"),
        ("QQ====", "too much padding"),
        ("QQ==QQ==", "two values"),
        ("-_==", "of the other alphabet"),
        ("ＱＱ==", "full-width letters"),
    ],
)
def test_sloppy_base64_is_refused(text: str, why: str) -> None:
    with pytest.raises(Malformed):
        from_b64(text, why)


@pytest.mark.parametrize("text", ["QQ==", "QR", "QQ\n", "Q", "+/", "QQ.", "ＱＱ", "Q Q"])
def test_sloppy_base64url_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        from_b64url(text, "x")


@pytest.mark.parametrize(
    "data",
    [
        b' {"word":"x"}',
        b'{"word":"x"}\n',
        b'{"word": "x"}',
        b'{"word":"x","word":"x"}',
        b'{"word":"y","word":"x"}',
        b'{"word":"\\u0078"}',
        b'{"word":"x","kind":"a"}',
        b'{"word":"x","number":0}',
        b'{"word":"x","number":-0}',
        b'{"number":1,"word":"x"}',
        b'{"word":"x","when":"2026-03-02T09:30:00+00:00"}',
        b'{"word":"x","when":"2026-03-02 09:30:00Z"}',
        b'{"word":"x","when":"2026-03-02t09:30:00z"}',
        b'{"word":"x","when":"2026-03-02T09:30:00.000Z"}',
        b'{"word":"x","when":"2026-03-02T09:30:00.5Z"}',
        b'{"word":"x","when":null}',
    ],
)
def test_another_spelling_of_the_same_json_is_refused(data: bytes) -> None:
    assert decode_json(data, THING, "thing").word == "x"
    with pytest.raises(Malformed, match="canonical"):
        decode_canonical(data, THING, "thing")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"\xef\xbb\xbf{}",
        b'{"word":"x"}{"word":"x"}',
        b'{"word":"x",}',
        b'{"word":"x","other":1}',
        b'{"word":"x","Number":1}',
        b"{'word':'x'}",
        b'{"word":x}',
        b'{"word":NaN}',
        b'{"word":1}',
        b'{"word":null}',
        b'{"word":"\xff"}',
        b'{"word":"\xed\xa0\x80"}',
        b'{"word":"\xc0\xaf"}',
        b'{"word":"\\ud800"}',
        b'{"word":"x","number":true}',
        b'{"word":"x","number":1.0}',
        b'{"word":"x","number":1e2}',
        b'{"word":"x","number":"1"}',
        b'{"word":"x","number":-1}',
        b'{"word":"x","number":01}',
        b'{"word":"x","number":' + b"9" * 5000 + b"}",
        b'{"word":"x","number":1' + b"0" * 400 + b"e-400}",
        b'{"word":"x","when":1}',
        b'{"word":"x","when":"2026-02-30T00:00:00Z"}',
        b'{"word":"x","when":"2026-03-02T24:00:00Z"}',
        b'{"word":"x","when":"2026-03-02T23:59:60Z"}',
        b'{"word":"x","inner":' * 2000 + b"[]" + b"}" * 2000,
        b'{"inner":[' * 5000,
        b"[" * 100_000,
    ],
)
def test_json_of_another_type_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        decode_json(data, THING, "thing")


def test_bytes_that_are_not_utf_8_are_refused_where_nothing_reads_them() -> None:
    class Envelope(Struct):
        word: str

    with pytest.raises(Malformed, match="UTF-8"):
        decode_json(b'{"word":"x","skipped":"\xff"}', Envelope, "envelope")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b'{"word":"x","Robin Marsh":1}', "thing: Object contains unknown field"),
        (
            b'{"word":"x","code":"Robin Marsh"}',
            "thing: Expected `str` matching regex - at `$.code`",
        ),
        (b'{"word":"x","kind":"Robin Marsh"}', "thing: Invalid enum value - at `$.kind`"),
        (b'{"word":"x","a\\n` - at `$.b\\u001b[2J":1}', "thing: Object contains unknown field"),
        (
            b'{"word":"x","inner":[{"word":"x","Robin":1}]}',
            "thing: Object contains unknown field - at `$.inner[0]`",
        ),
    ],
)
def test_a_refusal_repeats_nothing_of_the_input(data: bytes, said: str) -> None:
    with pytest.raises(Malformed) as caught:
        decode_json(data, THING, "thing")
    assert str(caught.value) == said
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_control_characters_are_escaped_in_one_way() -> None:
    word = "".join(map(chr, range(0x21))) + '"\\/\x7f\u2028é😀<&'
    assert encode_canonical(Thing(word), THING, "thing") == (
        b'{"word":"\\u0000\\u0001\\u0002\\u0003\\u0004\\u0005\\u0006\\u0007\\b\\t\\n\\u000b\\f\\r'
        b"\\u000e\\u000f\\u0010\\u0011\\u0012\\u0013\\u0014\\u0015\\u0016\\u0017\\u0018\\u0019"
        b'\\u001a\\u001b\\u001c\\u001d\\u001e\\u001f \\"\\\\/' + "\x7f\u2028é😀<&".encode() + b'"}'
    )


def test_what_no_reader_would_accept_is_not_written() -> None:
    for thing in (Thing("x", number=-1), Thing("\ud800"), Thing("x", kind="c")):  # type: ignore[arg-type]
        with pytest.raises(Malformed):
            encode_canonical(thing, THING, "thing")


@given(st.builds(Thing, st.text(), st.sampled_from(["a", "b"]), st.integers(0, 2**63)))
def test_canonical_json_comes_back(thing: Thing) -> None:
    assert decode_canonical(encode_canonical(thing, THING, "thing"), THING, "thing") == thing


def test_a_time_that_is_not_in_utc_is_refused() -> None:
    require_utc(datetime(2026, 3, 2, tzinfo=UTC))
    naive = datetime(2026, 3, 2)  # noqa: DTZ001
    for time in (naive, datetime(2026, 3, 2, tzinfo=timezone(timedelta(hours=1)))):
        with pytest.raises(ValueError, match="UTC"):
            require_utc(time)


def test_no_structs_are_decoded_but_by_a_decoder_made_before_there_are_threads() -> None:
    """Two threads that use a type of structs for the first time at once end the process, SIGSEGV.

    What is named is plain, or is looked for where there is one thread: in commands.
    """
    plain = r"list\[int\]|list\[str\]|dict\[str, str\]|form\)"
    named = re.compile(rf"msgspec\.json\.decode\([^\n]*type=(?!{plain})")
    rooms = [Path(room) for room in ("protocols", "federation", "directory")]
    apart = {"bench", "cli", "charters", "demo", "migrations"}
    found = [
        file
        for room in rooms
        for file in room.rglob("*.py")
        if not apart & set(file.parts) and named.search(file.read_text())
    ]
    assert found == []
