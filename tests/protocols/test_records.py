"""Records: what a node says of homes and providers, and what no record may hold."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.entries import MAX_RECORD
from protocols.errors import Malformed, UnknownSchema
from protocols.profiles import Answer, Note
from protocols.records import (
    Description,
    Judgement,
    Need,
    Provider,
    decode_record,
    encode_record,
    schema_of,
)
from tests.protocols.factories import NOW, home, profile, provider

HOME, PROVIDER = encode_record(home()), encode_record(provider())
# What makes text read as something else, or makes two names that look the same.
HIDDEN = [
    chr(sign)
    for first, last in [
        (0x00, 0x1F),
        (0x7F, 0x9F),
        (0x061C, 0x061C),
        (0x200B, 0x200B),
        (0x200E, 0x200F),
        (0x2028, 0x202E),
        (0x2060, 0x206F),
        (0xFEFF, 0xFEFF),
        (0xFFF9, 0xFFFB),
        (0xE0000, 0xE007F),
    ]
    for sign in range(first, last + 1)
]


def changed(data: bytes, **members: Any) -> bytes:
    """The record with members replaced, or left out when they are `...`."""
    record = msgspec.json.decode(data) | members
    return msgspec.json.encode({k: v for k, v in record.items() if v is not ...})


def test_a_profile_keeps_what_a_later_release_adds_at_its_end() -> None:
    data = encode_record(profile())
    later = data[:-1] + b',"visits":{"open":true},"z":[1]}'
    assert decode_record(later) == profile()


@pytest.mark.parametrize(
    "added",
    [
        b',"urn":"SC900002"}',
        b', "visits":1}',
        b',"visits":1,"visits":2}',
        b',"visits":"\\u0041"}',
        b',"visits":1.0e1}',
        b',"visits":' + b"[" * 5000 + b"]" * 5000 + b"}",
    ],
)
def test_what_follows_in_a_profile_has_one_spelling(added: bytes) -> None:
    with pytest.raises(Malformed):
        decode_record(encode_record(profile())[:-1] + added)


def test_unknown_members_stand_after_all_that_are_known() -> None:
    data = encode_record(profile())
    with pytest.raises(Malformed):
        decode_record(data.replace(b',"notes":', b',"visits":1,"notes":'))


@pytest.mark.parametrize(
    "wrong",
    [
        {"oldest": None},
        {"youngest": 18},
        {"qualified": 10},
        {"staff": None},
        {"answers": (Answer("autism", "yes"), Answer("autism", "no"))},
        {"answers": (Answer("Autism", "yes"),)},
        {"notes": (Note("need", "One."), Note("need", "Another."))},
    ],
)
def test_a_profile_that_contradicts_itself_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        encode_record(profile(**wrong))


def test_records_come_back() -> None:
    for record in (home(), provider(), profile(), home(name=None, provider=None, description=None)):
        assert decode_record(encode_record(record)) == record


def test_a_record_names_its_schema_first() -> None:
    assert HOME.startswith(b'{"schema":"home/1","urn":"SC900001","authority":"E99000001",')
    assert PROVIDER.startswith(b'{"schema":"provider/1","name":')
    assert schema_of(HOME, "record") == "home/1"


words = st.text(st.characters(codec="utf-8", exclude_characters=HIDDEN), min_size=1, max_size=40)


@given(
    name=words,
    places=st.none() | st.integers(1, 500),
    needs=st.sets(st.sampled_from(Need.__args__), min_size=1),
    ages=st.tuples(st.integers(0, 25), st.integers(0, 25)),
    flags=st.tuples(st.booleans(), st.booleans()),
)
def test_every_home_that_is_written_comes_back(
    name: str,
    places: int | None,
    needs: set[str],
    ages: tuple[int, int],
    flags: tuple[bool, bool],
) -> None:
    made = home(
        places=places,
        short_breaks_only=flags[0],
        multi_building=flags[1],
        description=Description(name, tuple(sorted(needs)), min(ages), max(ages), "any"),  # type: ignore[arg-type]
    )
    if name.strip():
        assert decode_record(encode_record(made)) == made
    else:
        with pytest.raises(Malformed):
            encode_record(made)


def test_what_a_home_does_not_say_stands_nowhere_in_its_bytes() -> None:
    bare = encode_record(home(name=None, provider=None, places=None, judgement=None))
    assert b"null" not in bare
    assert b"short_breaks_only" not in bare
    assert b"short_breaks_only" in encode_record(home(short_breaks_only=True))


@pytest.mark.parametrize(
    "member", ["address", "postcode", "telephone", "latitude", "vacancies", "children", "photo"]
)
def test_a_record_that_leads_to_a_homes_door_is_refused(member: str) -> None:
    with pytest.raises(Malformed, match="unknown field"):
        decode_record(changed(HOME, **{member: "x"}))


@pytest.mark.parametrize(
    "members",
    [
        {"urn": ""},
        {"urn": "sc900001"},
        {"urn": "SC 900001"},
        {"urn": "SC900001\n"},
        {"urn": "X" * 21},
        {"urn": 900001},
        {"authority": "E9900001"},
        {"authority": "e99000001"},
        {"authority": "E99000001\n"},
        {"authority": "E٩٩000001"},
        {"authority": ...},
        {"provision": "Boarding school"},
        {"sector": "private"},
        {"status": "Closed"},
        {"registered_on": "2019-02-30"},
        {"registered_on": "2019-5-1"},
        {"registered_on": "2019-05-01T00:00:00Z"},
        {"registered_on": 1556668800},
        {"places": 0},
        {"places": -1},
        {"places": 501},
        {"places": 4.0},
        {"places": "4"},
        {"places": True},
        {"places": 10**400},
        {"name": ""},
        {"name": " "},
        {"name": "\u3000\xa0"},
        {"name": "x" * 301},
        {"name": ["x"]},
        {"source": ...},
        {"source": {"name": "Ofsted"}},
        {"source": {"name": "Ofsted", "as_at": "2026-01-31", "url": "https://x.example"}},
        {"judgement": {"overall": "Good"}},
        {"judgement": {"inspected_on": "2025-09-17", "overall": "good"}},
        {"short_breaks_only": 1},
        {"schema": ...},
        {"schema": None},
        {"schema": "home"},
        {"schema": "Home/1"},
        {"schema": "home/01"},
        {"schema": "home/1\n"},
        {"schema": "h" * 59 + "/1"},
        {"schema": 1},
    ],
)
def test_a_home_with_a_member_of_another_form_is_refused(members: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        decode_record(changed(HOME, **members))


@pytest.mark.parametrize(
    "members",
    [
        {"summary": ""},
        {"summary": "x" * 4001},
        {"needs": []},
        {"needs": ["autism", "autism"]},
        {"needs": ["Autism"]},
        {"needs": ["autism"] * 21},
        {"youngest": -1},
        {"oldest": 26},
        {"youngest": 12, "oldest": 11},
        {"sex": "mixed"},
        {"sex": None},
        {"ethos": "x"},
    ],
)
def test_a_description_of_another_form_is_refused(members: dict[str, Any]) -> None:
    description = msgspec.json.decode(HOME)["description"] | members
    with pytest.raises(Malformed):
        decode_record(changed(HOME, description=description))


def test_a_name_with_hidden_characters_is_refused() -> None:
    for sign in HIDDEN:
        with pytest.raises(Malformed, match="name"):
            decode_record(changed(PROVIDER, name=f"Riverbank{sign}Care"))


def test_names_in_any_living_script_are_kept() -> None:
    for name in ("Tŷ Coed", "Börn’s Haven", "دار الأمل", "می‌خواهم", "希望之家", "👩‍👧 House"):
        record = decode_record(encode_record(provider(name=name)))
        assert isinstance(record, Provider)
        assert record.name == name


@pytest.mark.parametrize(
    "data",
    [
        HOME + b"\n",
        HOME.replace(b",", b", ", 1),
        HOME.replace(b'"urn"', b'"urn":"SC900002","urn"'),
        HOME.replace(b'"schema":"home/1"', b'"schema":"provider/1","schema":"home/1"'),
        HOME.replace(b'"schema":"home/1"', b'"schema":"home/1","schema":"home/1"'),
        HOME.replace(b"Willow", b"\\u0057illow"),
        HOME[:-1] + b',"short_breaks_only":false}',
        HOME[:-1] + b',"schema":"home/1"}',
        b'{"schema":"provider/1","sector":"Private","name":"x",'
        b'"source":{"name":"x","as_at":"2026-01-31"}}',
    ],
)
def test_another_spelling_of_a_record_is_refused(data: bytes) -> None:
    """A member that stands twice would be one value here and another there."""
    with pytest.raises(Malformed):
        decode_record(data)


@pytest.mark.parametrize("schema", ["home/2", "provider/2", "framework/1", "quality-summary/12"])
def test_a_record_of_a_schema_to_come_is_known_as_such(schema: str) -> None:
    for data in (
        changed(HOME, schema=schema),
        b'{"schema":"' + schema.encode() + b'"}',
        b'{ "other": [{}, 1e9, null], "schema": "' + schema.encode() + b'" }',
    ):
        with pytest.raises(UnknownSchema, match=schema):
            decode_record(data)


def test_a_record_that_no_reader_would_accept_is_not_written() -> None:
    description = home().description
    assert description is not None
    for record in (
        home(urn="x y"),
        home(places=0),
        home(name="two\nlines"),
        home(name="\ud800"),
        home(description=msgspec.structs.replace(description, youngest=18)),
        home(description=msgspec.structs.replace(description, needs=("autism", "autism"))),
        home(judgement=Judgement(NOW.date(), "Fine")),  # type: ignore[arg-type]
    ):
        with pytest.raises(Malformed):
            encode_record(record)


def test_the_longest_home_fits_a_payload() -> None:
    astral = "😀"
    description = Description(astral * 4000, Need.__args__, 0, 25, "any")
    longest = home(name=astral * 300, provider=astral * 300, description=description)
    assert len(encode_record(longest)) < MAX_RECORD


def test_a_memoryview_is_read_as_the_bytes_it_shows() -> None:
    assert decode_record(memoryview(HOME)) == home()  # type: ignore[arg-type]
    with pytest.raises(Malformed):
        decode_record(memoryview(HOME)[:-1])  # type: ignore[arg-type]
