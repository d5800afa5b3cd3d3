"""Match: four outcomes for each criterion, essential ones exclude, and every reason is told."""

import csv
import io
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from directory.app import create_app
from directory.choosing.matching.criteria import WITHIN, Criterion, check_criteria
from directory.choosing.matching.errors import NoSuchCriterion
from directory.choosing.matching.judging import OUTCOMES, judge
from directory.choosing.matching.service import Match, match
from directory.homes.index import home_index
from directory.security.rights.roles import Role
from federation import reading
from tests.directory.people import form_token, signed_in
from tests.directory.visiting import words_of
from tests.directory.worlds import (
    KENT,
    LEEDS,
    LEWISHAM,
    Consortium,
    a_home,
    consortium,
    described,
    judged,
    says,
)

CALM = replace(
    says("SC100001", self_harm="yes", adhd="partly", autism="no"), youngest=10, oldest=14
)
PUBLISHED = {
    "kent-node": [
        a_home("SC100001", name="Rowan House", places=2, judgement=judged("Good")),
        replace(CALM, sex="girls"),
        a_home("SC100002", places=4),
        a_home("SC100003", judgement=judged("Inadequate"), description=described("X.", "autism")),
    ],
    "leeds-node": [
        a_home("SC200001", authority=LEEDS, places=1, judgement=judged("Outstanding")),
        says("SC200001", LEEDS, self_harm="no"),
    ],
    "lewisham-node": [a_home("SC300001", authority=LEWISHAM)],
}
EVERY = ["SC100001", "SC100002", "SC100003", "SC200001", "SC300001"]
PAGE = "/match"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Consortium]:
    with consortium(tmp_path_factory.mktemp("consortium"), PUBLISHED) as one:
        yield one


@pytest.fixture
def visitor(world: Consortium) -> FlaskClient:
    return signed_in(create_app(world.reader), Role.COMMISSIONER)


def ask(world: Consortium, *criteria: Criterion) -> Match:
    check_criteria(criteria)
    with reading(world.reader.replica) as connection:
        return match(connection, criteria)


def outcomes(world: Consortium, kind: str, value: str, within: int = 20) -> dict[str, str]:
    """Of every home, for one criterion that excludes none."""
    found = ask(world, Criterion(kind, value, "low", within))  # type: ignore[arg-type]
    return {one.home.record.urn: one.outcomes[0] for one in found.homes}


MET, PARTLY, UNKNOWN, NOT_MET = OUTCOMES


@pytest.mark.parametrize(
    ("kind", "value", "told"),
    [
        ("code", "self-harm", [MET, UNKNOWN, UNKNOWN, NOT_MET, UNKNOWN]),
        ("code", "adhd", [PARTLY, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN]),
        ("code", "autism", [NOT_MET, UNKNOWN, MET, UNKNOWN, UNKNOWN]),
        ("age", "10", [MET, UNKNOWN, MET, UNKNOWN, UNKNOWN]),
        ("age", "9", [PARTLY, UNKNOWN, PARTLY, UNKNOWN, UNKNOWN]),
        ("age", "16", [NOT_MET, UNKNOWN, MET, UNKNOWN, UNKNOWN]),
        ("sex", "girls", [MET, UNKNOWN, MET, UNKNOWN, UNKNOWN]),
        ("sex", "boys", [NOT_MET, UNKNOWN, MET, UNKNOWN, UNKNOWN]),
        ("judgement", "Good", [MET, UNKNOWN, NOT_MET, MET, UNKNOWN]),
        ("places", "2", [MET, NOT_MET, UNKNOWN, MET, UNKNOWN]),
        ("near", LEWISHAM, [PARTLY, PARTLY, PARTLY, NOT_MET, MET]),
        ("near", "LS6", [NOT_MET, NOT_MET, NOT_MET, MET, NOT_MET]),
        ("away", "LS6", [MET, MET, MET, NOT_MET, MET]),
        ("away", "SE13", [MET, MET, MET, MET, NOT_MET]),
        ("away", "E09000006", [PARTLY, PARTLY, PARTLY, MET, PARTLY]),  # Bromley borders on both
    ],
)
def test_each_kind_has_its_four_outcomes(
    world: Consortium, kind: str, value: str, told: list[str]
) -> None:
    assert outcomes(world, kind, value) == dict(zip(EVERY, told, strict=True))


def test_essential_criteria_exclude_and_say_how_many_each_alone(world: Consortium) -> None:
    girl, safe = Criterion("sex", "boys", "essential"), Criterion("code", "self-harm", "essential")
    small = Criterion("places", "2", "essential")
    found = ask(world, girl, safe, small)
    assert found.considered == 5
    assert [one.home.record.urn for one in found.homes] == ["SC100003", "SC300001"]
    assert [(one.excluded, one.alone) for one in found.exclusions] == [(1, 1), (1, 1), (1, 1)]
    assert ask(world, replace(girl, importance="high"), safe, small).total == 3


def test_what_is_unknown_excludes_nobody_and_stands_after_what_is_sure(world: Consortium) -> None:
    found = ask(world, Criterion("code", "self-harm", "essential"))
    shown = [(one.home.record.urn, one.outcomes[0]) for one in found.homes]
    unknown = [(urn, UNKNOWN) for urn in ("SC100002", "SC100003", "SC300001")]
    assert shown == [("SC100001", MET), *unknown]


def test_desirable_criteria_order_by_weight_and_equals_by_urn(world: Consortium) -> None:
    found = ask(
        world,
        Criterion("code", "adhd", "high"),  # in part: three halves
        Criterion("judgement", "Outstanding", "low"),
        Criterion("code", "autism", "medium"),
    )
    assert [one.home.record.urn for one in found.homes] == [
        *("SC100003", "SC100001", "SC200001", "SC100002", "SC300001")
    ]


VALUES = {
    "code": st.sampled_from(["self-harm", "adhd", "autism", "wheelchair"]),
    "age": st.integers(0, 25).map(str),
    "near": st.sampled_from([KENT, "LS6", "EX1"]),
    "away": st.sampled_from([KENT, "SE13", "E09000006"]),
}
criteria = st.sampled_from(sorted(VALUES)).flatmap(
    lambda kind: st.builds(
        Criterion, st.just(kind), VALUES[kind], st.just("low"), st.sampled_from(WITHIN)
    )
)


@given(one=criteria)
@settings(max_examples=40)
def test_every_home_has_exactly_one_outcome(world: Consortium, one: Criterion) -> None:
    with reading(world.reader.replica) as connection:
        index = home_index(connection)
    found = judge(index, one)
    every = [getattr(found, name) for name in OUTCOMES]
    assert sum(len(each) for each in every) == len(index.everything)
    assert every[0] | every[1] | every[2] | every[3] == index.everything


@pytest.mark.parametrize(
    "one",
    [
        Criterion("code", "no-such-code", "low"),
        Criterion("age", "1_0", "low"),
        Criterion("age", "26", "low"),
        Criterion("sex", "any", "low"),
        Criterion("near", "Atlantis", "low"),
        Criterion("judgement", "Fair", "low"),
        Criterion("places", "0", "low"),
    ],
)
def test_a_criterion_that_cannot_be_judged_is_refused_and_not_repeated(one: Criterion) -> None:
    with pytest.raises(NoSuchCriterion) as refused:
        check_criteria([one])
    assert one.value not in str(refused.value)


# --- The page -------------------------------------------------------------------------------------


NEEDS = {
    "age": "12",
    "code-self-harm": "essential",
    "code-adhd": "high",
    "near-1": "ME1 1AA",
    "near-1-within": "50",
    "near-1-matters": "low",
    "away-1": "LS6",
}


def send(visitor: FlaskClient, **more: str) -> Any:
    return visitor.post(PAGE, data={"csrf_token": form_token(visitor, PAGE), **NEEDS, **more})


def test_the_page_explains_every_outcome_with_record_and_age(visitor: FlaskClient) -> None:
    answer = send(visitor)
    assert answer.status_code == 200
    shown = words_of(answer)
    assert "4 of 5 homes" in shown
    assert "Away from LS6 1 0" in shown  # it alone excludes nobody: so does self-harm
    assert (
        "Self-harm Essential Met Yes From its profile, as at 1 November 2026, 19 days ago." in shown
    )
    assert "Within 50 miles of ME1 Desirable, low Met In Kent" in shown
    assert "Not yet described by the provider" in shown
    assert "Homes that come out equal stand in the order of their URN" in shown


def test_an_essential_criterion_is_relaxed_by_one_click(visitor: FlaskClient) -> None:
    shown = words_of(send(visitor, **{"away-1": "", "relax": "code-self-harm"}))
    assert "5 of 5 homes" in shown
    assert "Self-harm Desirable, high Not met No" in shown


def test_what_a_child_needs_is_in_no_address_title_cache_or_log(
    visitor: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    answer = send(visitor)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Self-harm" not in answer.text.partition("</title>")[0]
    assert "?" not in "".join(part.partition('"')[0] for part in answer.text.split('action="')[1:])
    assert not any(secret in caplog.text for secret in ("self-harm", "ME1", "LS6"))
    # In the address it means nothing.
    assert "homes</h2>" not in visitor.get(f"{PAGE}?age=12&code-self-harm=essential").text


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"age": "twelve"}, "age"),
        ({"near-1": "Atlantis"}, "near-1"),
        ({"code-adhd": "somewhat"}, "code-adhd"),
        ({"near-2": "ME1"}, "near-1"),
        ({"sex": "girls", "sex-matters": "very"}, "sex"),
    ],
)
def test_a_mistake_is_named_beside_its_field_and_the_rest_kept(
    visitor: FlaskClient, wrong: dict[str, str], field: str
) -> None:
    answer = send(visitor, **wrong)
    assert answer.status_code == 400
    assert f'href="#{field}"' in answer.text
    assert 'value="LS6"' in answer.text


def test_the_file_has_every_reason_and_runs_nothing(visitor: FlaskClient) -> None:
    answer = send(visitor, **{"as": "csv"})
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows[0][:2] == ["URN", "Name"]
    assert "Self-harm (essential)" in rows[0]
    assert [row[0] for row in rows[1:]] == ["SC100001", "SC100003", "SC100002", "SC300001"]
    assert rows[1][rows[0].index("Self-harm (essential)")] == "Met"
    assert answer.headers["Cache-Control"] == "no-store"
