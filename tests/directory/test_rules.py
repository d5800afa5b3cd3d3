"""The rules as data: a nation's table, how a placement lies, and by when who is told."""

from datetime import date, timedelta
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.country.authorities.service import NATIONS, in_nation
from directory.country.reference.working_days import is_working_day
from directory.country.rules import table
from directory.country.rules.days import misfits
from directory.country.rules.deadlines import due
from directory.country.rules.errors import BrokenTable
from directory.country.rules.purposes import why
from directory.country.rules.relation import area_of, relation_of
from directory.country.rules.table import read_rules, rules_for, rules_in
from directory.placing.register.values import Course
from directory.placing.telling.planning import who_is_told
from protocols.charter import Rules

LEEDS, BRADFORD, DEVON, EDINBURGH = "E08000035", "E08000032", "E10000008", "S12000036"
LAW = Rules(max_entries_per_log=100)
ENGLAND = (resources.files("directory.country.rules") / "nations/england.toml").read_text("utf-8")

days = st.dates(date(2017, 1, 1), date(2034, 12, 31))
somebody = st.sampled_from([in_nation(nation)[0].gss for nation in NATIONS])
events = st.sampled_from(["placement", "ending", "consultation", "home_notice", "acknowledgement"])


def working_days_between(start: date, end: date, gss: str) -> int:
    nation = NATIONS["EWSN".index(gss[0])]
    span = (start + timedelta(days=one) for one in range(1, (end - start).days + 1))
    return sum(is_working_day(one, nation) for one in span)


# --- The table ------------------------------------------------------------------------------------


def test_every_recipient_deadline_and_message_names_its_source() -> None:
    rules = rules_in("England")
    assert {one.code for one in rules.recipients} == {
        *("child", "parents", "contacts", "previous carer", "carer", "health bodies", "gp"),
        *("school", "reviewing officer", "area authority"),
    }
    withheld = {one.code for one in rules.recipients if one.withheld}
    assert withheld == {"parents", "contacts", "previous carer"}, "13(3) has (b) to (e) alone"
    area = rules.recipient("area authority")
    assert {"assessment of needs", "why most suitable", "care plan"} <= set(area.says)
    assert rules.deadlines["placement"].working_days == 5
    assert rules.deadlines["ending"].working_days == 10
    assert rules.exemption("short breaks").exempt_from == ("placement",)
    assert rules.kept("case record").years == 75
    for relation, officer in (
        ("in area", None),
        ("out of area", "nominated officer"),
        ("at a distance", "director of children’s services"),
    ):
        approval = rules.approval(relation)  # type: ignore[arg-type]
        assert (approval.by if approval else None) == officer
        assert approval is None or "wishes" not in approval.deferred


def test_each_message_says_why_it_is_sent_and_on_what_basis() -> None:
    said = why("notice/2", "England")
    assert "regulation 13(4)" in said.purpose
    assert "Article 6(1)(c)" in said.lawful_basis
    with pytest.raises(LookupError):
        why("gossip/1", "England")


def test_another_nation_is_another_file_and_until_then_keeps_to_england_s() -> None:
    assert rules_for(EDINBURGH) == rules_in("England")
    wales = read_rules(ENGLAND.replace('nation = "England"', 'nation = "Wales"'))
    assert wales.nation == "Wales"


def test_a_nation_is_added_by_a_file_alone_and_keeps_its_own_bank_holidays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_up = (
        ENGLAND.replace('nation = "England"', 'nation = "Scotland"')
        .replace("working_days = 5", "working_days = 3")
        .replace("2010, regulation 13(1) and (4)(a)", "A made-up Order, article 7")
        .replace('code = "parents"', 'code = "kin"')
        .replace("age = 18", "age = 21")
    )
    (tmp_path / "england.toml").write_text(ENGLAND)
    (tmp_path / "scotland.toml").write_text(made_up)
    monkeypatch.setattr(table, "TABLES", tmp_path)
    rules_in.cache_clear()
    try:
        maundy_thursday = date(2025, 4, 17)
        theirs = due("placement", EDINBURGH, maundy_thursday, LAW, late=True)
        assert theirs.day == date(2025, 4, 23), "Good Friday off, Easter Monday not"
        assert theirs.source == "A made-up Order, article 7"
        assert due("placement", LEEDS, maundy_thursday, LAW, late=True).day == date(2025, 4, 28)
        course = Course(maundy_thursday, "live", LEEDS, "at a distance")
        told = {one.code for one in who_is_told(EDINBURGH, "placement", course)}
        assert "kin" in told
        assert "parents" not in told
        assert "parents" in {one.code for one in who_is_told(LEEDS, "placement", course)}
        nineteen = {"born_on": date(2006, 1, 1), "starts_on": maundy_thursday}
        assert not misfits(rules_for(EDINBURGH), maundy_thursday, **nineteen)
        assert misfits(rules_for(LEEDS), maundy_thursday, **nineteen)
    finally:
        monkeypatch.undo()
        rules_in.cache_clear()


def test_what_is_our_reading_of_an_exemption_is_listed_for_a_lawyer() -> None:
    governance = Path("docs/information-governance/README.md").read_text("utf-8")
    ours = {one.code for one in rules_in("England").exemptions if one.read}
    assert ours == {"for adoption", "away for a while"}
    assert all(f"| `{code}` |" in governance for code in ours)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('basis = "told"', 'basis = "toled"'),
        ('says = ["arrangements", "address"', 'says = ["arrangement", "address"'),
        ('first = ["wishes"', 'first = ["whishes"'),
        ("[deadlines.ending]", "[deadlines.endings]"),
        ('code = "gp"', 'code = "school"'),
        ("working_days = 10", "working_days = 0"),
        ("withheld = true", "withold = true"),
        ('nation = "England"', "nation = England"),
    ],
)
def test_a_table_with_a_mistake_is_refused_with_what_to_correct(before: str, after: str) -> None:
    assert before in ENGLAND
    with pytest.raises(BrokenTable, match=r"Correct it|Add it|Leave one"):
        read_rules(ENGLAND.replace(before, after))


# --- How it lies ----------------------------------------------------------------------------------


def test_a_placement_lies_in_the_area_out_of_it_or_at_a_distance(tmp_path: Path) -> None:
    assert relation_of(tmp_path, LEEDS, LEEDS) == "in area"
    assert relation_of(tmp_path, LEEDS, BRADFORD) == "out of area"
    assert relation_of(tmp_path, LEEDS, DEVON) == "at a distance"
    assert relation_of(tmp_path, LEEDS, None) == "at a distance", "outside the United Kingdom"
    known_better = f"gss,neighbour,change,why\n{LEEDS},{DEVON},add,agreed\n"
    (tmp_path / "neighbours.csv").write_text(known_better)
    assert relation_of(tmp_path, LEEDS, DEVON) == "out of area"


@pytest.mark.parametrize(
    ("address", "area"),
    [
        ("1 Made Up Street, Leeds, LS1 1UR", LEEDS),
        ("1 Made Up Street, Leeds, ls11ur.", LEEDS),
        ("Flat 2, LS1 1UR House, Exeter EX2 4QD", DEVON),
        ("A boat on the canal", None),
        ("ZZ99 3VZ", None),
        ("", None),
    ],
)
def test_the_area_follows_from_the_address(address: str, area: str | None) -> None:
    assert area_of(address) == area


# --- By when --------------------------------------------------------------------------------------


def test_five_working_days_over_easter_end_when_the_nation_of_who_owes_them_says() -> None:
    maundy_thursday = date(2025, 4, 17)
    ends = {
        gss: due("placement", gss, maundy_thursday, LAW, late=True) for gss in (LEEDS, EDINBURGH)
    }
    assert ends[LEEDS].day == date(2025, 4, 28)
    assert ends[EDINBURGH].day == date(2025, 4, 25), "Easter Monday is a working day in Scotland"
    assert not ends[LEEDS].is_late(date(2025, 4, 28))
    assert ends[LEEDS].is_late(date(2025, 4, 29))
    planned = due("placement", LEEDS, maundy_thursday, LAW)
    assert planned.is_late(maundy_thursday)
    assert not planned.is_late(date(2025, 4, 16))


@given(events, somebody, days)
def test_what_is_late_is_due_on_a_working_day_after_as_many_as_the_law_gives(
    event: str, gss: str, begins: date
) -> None:
    ends = due(event, gss, begins, LAW, late=True).day  # type: ignore[arg-type]
    law = rules_for(gss).deadlines[event].working_days  # type: ignore[index]
    assert working_days_between(begins, ends, gss) == law
    assert working_days_between(ends - timedelta(days=1), ends, gss) == 1


@given(somebody, days, st.integers(1, 60), st.integers(1, 60))
def test_a_charter_shortens_a_time_and_never_lengthens_it(
    gss: str, begins: date, notice: int, ending: int
) -> None:
    charter = Rules(max_entries_per_log=100, notice_days=notice, ending_days=ending)
    for event, agreed in (("placement", notice), ("consultation", notice), ("ending", ending)):
        by_law = due(event, gss, begins, LAW, late=True)  # type: ignore[arg-type]
        ours = due(event, gss, begins, charter, late=True)  # type: ignore[arg-type]
        assert begins < ours.day <= by_law.day
        law = rules_for(gss).deadlines[event].working_days  # type: ignore[index]
        assert working_days_between(begins, ours.day, gss) == min(agreed, law)
        assert ours.shortened == (agreed if agreed < law else None)
    assert due("home_notice", gss, begins, charter, late=True) == due(
        "home_notice", gss, begins, LAW, late=True
    )
