"""What an authority wants: nothing in it leads to a child or a person, and nothing runs."""

from datetime import date
from typing import Any

import msgspec
import pytest

from protocols.commissioning import Commissioning, Demand, NeedTotal
from protocols.errors import Malformed
from protocols.records import decode_record, encode_record
from tests.protocols.factories import commissioning

RECORD = encode_record(commissioning())


def changed(path: str, value: Any) -> bytes:
    """The record with one member replaced, such as `frameworks.0.address`."""
    record = msgspec.json.decode(RECORD)
    *steps, last = path.split(".")
    inner = record
    for step in steps:
        inner = inner[int(step) if step.isdigit() else step]
    inner[last] = value
    return msgspec.json.encode(record)


def test_a_record_comes_back_and_says_nothing_that_it_does_not_know() -> None:
    assert decode_record(RECORD) == commissioning()
    least = commissioning(statement=None, frameworks=(), calendar=(), demand=None)
    assert b"null" not in encode_record(least)
    assert list(msgspec.json.decode(encode_record(least))) == [
        *("schema", "authority", "as_at", "referrals", "notices"),
    ]


@pytest.mark.parametrize("children", [0, 1, 4, 6, 7, 12, 10_005, -5])
def test_a_number_that_one_child_could_change_is_refused(children: int) -> None:
    with pytest.raises(Malformed):
        decode_record(changed("demand.totals.0.children", children))


@pytest.mark.parametrize("children", [5, 10, 10_000])
def test_a_number_to_the_nearest_five_is_taken(children: int) -> None:
    read = decode_record(changed("demand.totals.0.children", children))
    assert isinstance(read, Commissioning)
    assert read.demand
    assert read.demand.totals[0].children == children


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "http://www.alderton.example/",
        "https://user:word@www.alderton.example/",
        "https://alderton",
        "https://www.alderton.example/a b",
        'https://www.alderton.example/"><script>',
        "https://www.alderton.example/%zz",
        "https://www.alderton.example/#a#b",
        "https://www.аlderton.example/",  # a letter of another script
        "//www.alderton.example/",
        "https://www.alderton.example/\n",
        "https://www.alderton.example:443/",
        "https://" + "a" * 300 + ".example/",
    ],
)
def test_an_address_that_is_no_plain_https_is_refused(address: str) -> None:
    for path in ("statement.address", "frameworks.0.address"):
        with pytest.raises(Malformed):
            decode_record(changed(path, address))


@pytest.mark.parametrize(
    "email",
    ["", "a", "a@b", "a b@c.example", "a@b..c", ".a@b.example", "a@-b.example", "<a@b.example>"],
)
def test_an_e_mail_address_that_is_none_is_refused(email: str) -> None:
    with pytest.raises(Malformed):
        decode_record(changed("referrals.email", email))


def test_a_long_wrong_address_is_refused_at_once() -> None:
    for text in ("a-" * 30_000, "https://" + "a." * 30_000, "a@" + "b-" * 30_000):
        with pytest.raises(Malformed):
            decode_record(changed("referrals.email", text))
        with pytest.raises(Malformed):
            decode_record(changed("statement.address", text))


def test_what_contradicts_itself_is_refused() -> None:
    (framework,) = commissioning().frameworks
    days = date(2026, 1, 1), date(2026, 2, 1)
    wrong: list[dict[str, Any]] = [
        {"frameworks": (framework, framework)},
        {"frameworks": (msgspec.structs.replace(framework, opens=days[1], closes=days[0]),)},
        {"demand": Demand(*days, (NeedTotal("autism", 5), NeedTotal("autism", 10)))},
        {"demand": Demand(days[1], days[0], (NeedTotal("autism", 5),))},
    ]
    for members in wrong:
        with pytest.raises(Malformed):
            encode_record(commissioning(**members))


@pytest.mark.parametrize("member", ["children", "homes", "address", "person", "fee"])
def test_there_is_no_room_for_anything_else(member: str) -> None:
    for path in (member, f"referrals.{member}", f"demand.{member}"):
        with pytest.raises(Malformed, match="unknown field"):
            decode_record(changed(path, "x"))
