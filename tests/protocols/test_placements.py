"""What follows a notice, as bodies of messages: what each must say, and what none may."""

from typing import Any

import msgspec
import pytest

from protocols.errors import Malformed
from protocols.placements import (
    PlacementBody,
    decode_placement_body,
    encode_placement_body,
)
from tests.protocols.factories import (
    answer,
    placement_change,
    placement_ending,
    question,
    withdrawal,
    withdrawal_answer,
)

BODIES = [
    placement_change(),
    placement_ending(),
    withdrawal(),
    withdrawal_answer(),
    question(),
    answer(),
]


@pytest.mark.parametrize("body", BODIES, ids=lambda body: type(body).__name__)
def test_a_body_comes_back_and_says_what_it_is_for_and_what_allows_it(body: PlacementBody) -> None:
    data = encode_placement_body(body)
    assert decode_placement_body(data) == body
    for name in ("purpose", "lawful_basis"):
        said = msgspec.json.decode(data)
        del said[name]
        with pytest.raises(Malformed):
            decode_placement_body(msgspec.json.encode(said))


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "extension"},
        {"number": 0},
        {"number": 10_000},
        {"notice": "1"},
        {"said_at": "2026-03-12T09:30:00"},
    ],
    ids=["extension without a day", "zero", "too many", "no id", "no zone"],
)
def test_a_change_that_says_nothing_whole_is_refused(changes: dict[str, Any]) -> None:
    said = msgspec.json.decode(encode_placement_body(placement_change())) | changes
    with pytest.raises(Malformed):
        decode_placement_body(msgspec.json.encode(said))
