"""A system holds every home against what one child needs, and reads the reasons."""

from typing import Any

from tests.api.systems import SystemClient


def ask(system: SystemClient, *criteria: dict[str, Any]) -> Any:
    return system.post("/matches", json={"criteria": list(criteria)})


AUTISM = {"kind": "code", "value": "autism", "importance": "essential"}


def test_a_system_matches_and_reads_the_reasons(system: SystemClient) -> None:
    found = ask(system, AUTISM, {"kind": "sex", "value": "boys", "importance": "essential"})
    assert found.headers["Cache-Control"] == "no-store"
    answer = found.get_json()
    assert answer["considered"] - answer["total"] == 1
    assert answer["exclusions"] == [
        {"criterion": 0, "excluded": 0, "alone": 0},
        {"criterion": 1, "excluded": 1, "alone": 1},
    ]
    first = answer["homes"][0]
    assert first["record"]["urn"] == "SC100006"
    assert [one["outcome"] for one in first["outcomes"]] == ["met", "met"]
    assert first["outcomes"][0]["record"].startswith("From the record of the home, as at")


def test_what_cannot_be_judged_is_refused_and_not_repeated(system: SystemClient) -> None:
    for wrong in ({"value": "a-secret-need"}, {"kind": "name"}, {"importance": "very"}):
        refused = ask(system, AUTISM | wrong)
        assert refused.status_code == 422
        assert b"a-secret-need" not in refused.data
    assert ask(system, AUTISM, AUTISM).status_code == 422
    assert ask(system).status_code == 422
