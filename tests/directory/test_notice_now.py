"""What a notice says now: the same on both sides, in whatever order its messages come."""

from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from directory.notices.entered import Entered, EnteredChild, decode_entered, encode_entered
from directory.notices.now import Event, fold
from protocols.placements import PlacementBody
from tests.protocols.factories import (
    NOW,
    answer,
    contact,
    notice,
    notice_two,
    placement_change,
    placement_ending,
    question,
    withdrawal,
    withdrawal_answer,
)

JULY, AUGUST = date(2026, 7, 31), date(2026, 8, 31)


def event(body: PlacementBody, message: int, at: datetime = NOW) -> Event:
    return Event(f"{message:032x}", at, "Kim Lee", body)


EVERY = [
    event(placement_change(), 1),
    event(placement_change(number=2, kind="extension", expected_end=AUGUST), 2),
    event(placement_ending(number=3), 3),
    event(placement_ending(number=4, ended_on=date(2026, 6, 20)), 4),
    event(placement_change(number=4, social_worker=contact(name="A copy")), 5),
    event(withdrawal(number=6), 0x50),
    event(withdrawal_answer(contained=False), 7),
    event(withdrawal_answer(answered_at=NOW + timedelta(days=99)), 6),
    event(question(), 8),
    event(answer(question=f"{8:032x}"), 9),
]


@given(st.permutations(EVERY))
def test_the_order_in_which_messages_come_changes_nothing(order: list[Event]) -> None:
    now = fold(notice_two(), order)
    assert now == fold(notice_two(), EVERY)
    assert now.says.social_worker == contact(name="A copy")  # the greater id counts as later
    assert (now.ended_on, now.expected_end, now.number) == (date(2026, 6, 20), AUGUST, 6)
    assert now.withdrawal
    assert now.containment
    assert now.containment.contained
    assert not now.open_questions


def test_what_a_change_changes_is_shown_with_old_and_new() -> None:
    now = fold(notice_two(), EVERY[1:2])
    old, new = notice().social_worker, contact(name="Ines Brandt")
    assert [(one.name, one.old, one.new) for one in now.steps[0].differences] == [
        ("social_worker", old, new),
        ("expected_end", JULY, AUGUST),
    ]


def test_an_extension_calls_off_the_ending_before_it_and_no_later_one() -> None:
    ended = event(placement_ending(number=1), 1)
    on = placement_change(number=2, kind="extension", expected_end=AUGUST)
    assert fold(notice(), [ended, event(on, 2)]).ending is None
    again = event(placement_ending(number=3), 3)
    assert fold(notice(), [again, ended, event(on, 2)]).ended_on == again.body.ended_on  # type: ignore[union-attr]


def test_what_somebody_entered_changes_as_a_notice_does() -> None:
    known = Entered(EnteredChild("Robin", "Marsh"), notice().placement)
    assert decode_entered(encode_entered(known)) == known
    change = placement_change(kind="correction", child=replace(notice().child, given_name="Rob"))
    now = fold(known, [event(change, 1)])
    assert isinstance(now.says, Entered)
    assert now.says.child == EnteredChild("Rob", "Marsh", notice().child.born_on, "AL-20431")
    assert decode_entered(encode_entered(now.says)) == now.says
