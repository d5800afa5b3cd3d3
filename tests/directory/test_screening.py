"""Screening: what leads to a child or to a door is found in every spelling, and told where."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.country.authorities.service import all_authorities
from directory.intake.screening.errors import NotFitToPublish
from directory.intake.screening.numbers import is_nhs_number, is_upn
from directory.intake.screening.service import free_texts, refuse_unfit, screen
from directory.records.samples.service import sample_homes

BIRTH, NHS, PUPIL, NUMBER, DOOR, ONE = (
    "date of birth",
    "NHS number",
    "unique pupil number",
    "names a person or a case",
    "leads to the home's door",
    "about one child",
)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("17/05/2012", BIRTH),
        ("17-5-12", BIRTH),
        ("17.05.2012", BIRTH),
        ("17 / 05 / 2012", BIRTH),
        ("2012-05-17", BIRTH),
        ("17 May 2012", BIRTH),
        ("17th of May, 2012", BIRTH),
        ("17th May '12", BIRTH),
        ("May 17, 2012", BIRTH),
        ("1 Sept. 2009", BIRTH),
        ("DOB", BIRTH),
        ("d.o.b. unknown", BIRTH),
        ("date of birth", BIRTH),
        ("１７/０５/２０１２", BIRTH),
        ("17\u201305\u20132012", BIRTH),
        ("17\u00a0May\u00a02012", BIRTH),
        ("17\u200d May 2012", BIRTH),
        ("943 476 5919", NHS),
        ("9434765919", NHS),
        ("943-476-5919", NHS),
        ("NHS no. is with us", NUMBER),
        ("B801200005001", PUPIL),
        ("b801 2000 05001", PUPIL),
        ("UPN", NUMBER),
        ("case number 48213", NUMBER),
        ("Case ref: AB/48213", NUMBER),
        ("Mosaic ID 1048213", NUMBER),
        ("LCS 4821377", NUMBER),
        ("child no. LD-4821", NUMBER),
        ("ZC12C00123", NUMBER),
        ("LS1 4AP", DOOR),
        ("SW1A1AA", DOOR),
        ("m1 1ae", DOOR),
        ("12 Wren Street", DOOR),
        ("12a, Upper Wren Lane", DOOR),
        ("in Wren Street", DOOR),
        ("///filled.count.soap", DOOR),
        ("53.8008, -1.5491", DOOR),
        ("SE 3003 3348", DOOR),
        ("it stands opposite the park", DOOR),
        ("OPPOSITE THE OLD PARISH CHURCH", DOOR),
        ("next door to a primary school", DOOR),
        ("round the corner from the village shop", DOOR),
        ("the garden backs on to the railway", DOOR),
        ("five minutes' walk from the station", DOOR),
        ("ten minutes’ drive from Otley", DOOR),
        ("2 miles from Skipton", DOOR),
        ("in the village of Linton", DOOR),
        ("situated in Headingley", DOOR),
        ("near Wharfe Meadows Park", DOOR),
        ("see https://maps.example/x", "a link"),
        ("the white cottage", "looks from outside"),
        ("the child was born in Leeds", ONE),
        ("The young person, who is calm, was born abroad", ONE),
        ("a boy called Robin", ONE),
        ("our girl is known as Bee", ONE),
        ("the resident Robin likes cats", ONE),
        ("a 14-year-old boy lives here", ONE),
        ("Robin moved in last week", ONE),
        ("It is calm. Robin Marsh was placed here", ONE),
        ("Robin (14)", ONE),
    ],
)
def test_what_must_not_be_published_is_found_where_it_stands(text: str, reason: str) -> None:
    before, after = "A calm home: ", ". All are welcome."
    said = f"{before}{text}{after}"
    found = [one for one in screen(said) if reason in one.reason]
    assert found, screen(said)
    assert len(before) <= found[0].start < found[0].end <= len(before) + len(text) + 1


@pytest.mark.parametrize(
    "text",
    [
        "A calm home for girls aged 10 to 16. Opened in May 2012, last inspected in 2024.",
        "Four adults by day, two at night; 24 hours, 7 days a week. Ofsted: Good.",
        "Children born with a disability are welcome. Every child has a key worker.",
        "Call the duty team on 01632 960123. The child decides with us. Young people choose meals.",
        "943 476 5918 has another check digit, and A801200005001 another letter.",
        "Church Lane House takes siblings. Each child is listened to. Boys and girls live here.",
        "Under section 20 or 31 of the Children Act 1989. Regulation 44 visits. 3 of 4 bedrooms.",
        "Close to shops, parks and bus routes, on the edge of a town. Buses run to the centre.",
        "Children go to local schools. A park and a library are within reach. We overlook nobody.",
        "Set in large gardens. Ten minutes of quiet. Green fields. Opposite views are heard.",
        "He moved in. They came to us. Nobody lives here alone. Staff moved here from Kent.",
    ],
)
def test_what_homes_say_of_themselves_is_let_through(text: str) -> None:
    assert screen(text) == []


def test_all_samples_are_let_through() -> None:
    for authority in all_authorities()[:10]:
        for home in sample_homes(authority.gss, count=60):
            refuse_unfit(free_texts(home))


def test_a_refusal_names_place_and_reason_and_repeats_nothing() -> None:
    with pytest.raises(NotFitToPublish) as refused:
        refuse_unfit({"name": "Rowan House", "description.summary": "Calm. Robin, born 17/05/2012"})
    said = str(refused.value)
    assert "Description.summary, characters 19 to 28: a date" in said
    assert "2012" not in said
    assert "Robin" not in said


@given(st.integers(0, 10**9 - 1), st.sampled_from(["", " ", "-", "\u2009", "\u2011"]))
def test_every_nhs_number_is_found_in_any_spelling(first: int, between: str) -> None:
    nine = f"{first:09}"
    checks = [digit for digit in "0123456789" if is_nhs_number(nine + digit)]
    assert len(checks) <= 1
    for check in checks:
        text = f"No {nine[:3]}{between}{nine[3:6]}{between}{nine[6:]}{check}."
        assert any("NHS number" in one.reason for one in screen(text))


@given(st.integers(0, 10**12 - 1))
def test_every_pupil_number_has_one_check_letter(digits: int) -> None:
    fitting = [letter for letter in "ABCDEFGHJKLMNPQRTUVWXYZ" if is_upn(f"{letter}{digits:012}")]
    assert len(fitting) == 1
    assert any("pupil number" in one.reason for one in screen(f"({fitting[0]}{digits:012})"))


def test_a_temporary_pupil_number_is_checked_with_its_letter() -> None:
    fitting = [one for one in "ABCDEFGHJKLMNPQRTUVWXYZ" if is_upn(f"{one}80120000500A")]
    assert len(fitting) == 1
    assert not is_upn("A80120000500I")


@given(st.text(max_size=300))
def test_any_text_is_screened(text: str) -> None:
    for one in screen(text):
        assert 0 <= one.start < one.end <= len(text)
