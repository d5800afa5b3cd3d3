"""What a request looks like. Everybody in it is made up."""

CONTACT = {
    "name": "Sam Okafor",
    "role": "Duty officer",
    "telephone": "01632 960111",
    "email": "duty@kent.example",
}
_SOCIAL_WORKER = {"name": "Alex Worth", "role": "Social worker", "telephone": "01632 960100"}
NOTICE_TO_SEND = {
    "area_authority": "E10000016",
    "notice": {
        "schema": "notice/1",
        "child": {
            "identifier": "LDS-0042",
            "given_name": "Robin",
            "family_name": "Example",
            "born_on": "2012-05-17",
        },
        "placement": {
            "setting": "children's home",
            "address": "1 Example Street, Exampleton",
            "starts_on": "2026-01-12",
            "urn": "SC000001",
        },
        "social_worker": _SOCIAL_WORKER,
        "out_of_hours": _SOCIAL_WORKER,
        "reviewing_officer": _SOCIAL_WORKER,
        "legal_status": "section 20",
        "assessment_of_needs": "Robin needs a small home and a quiet school.",
        "why_most_suitable": "The home cares for two children, and the school is near.",
        "care_plan": "Reviewed in four weeks.",
    },
}
CHANGE_GIVEN = {
    "kind": "change",
    "since": "2026-03-02",
    "social_worker": {"name": "Ines Brandt", "role": "Social worker", "telephone": "01632 960104"},
    "reason": "Alex Worth has left.",
}
ENDING_GIVEN = {
    "ended_on": "2026-07-31",
    "planned": True,
    "given_by": "placing authority",
    "why": "returned home",
    "given_on": "2026-07-01",
}
WITHDRAWAL_GIVEN = {"why": "sent twice", "contact": CONTACT}
QUESTION_GIVEN = {"text": "Which school is it?", "contact": CONTACT}
ANSWER_GIVEN = {"text": "The one by the park.", "contact": _SOCIAL_WORKER}
CONTAINMENT_GIVEN = {
    "passed_on": False,
    "contained": True,
    "contact": CONTACT,
    "said": "Both who had opened it were told not to use it.",
}
PLACEMENTS_GIVEN = {
    "placements": [
        {
            "identifier": "LDS-0042",
            "starts_on": "2026-01-12",
            "given_name": "Robin",
            "family_name": "Example",
            "born_on": "2012-05-17",
            "setting": "children's home",
            "address": "1 Example Street, Exampleton",
            "urn": "SC000001",
            "area": "E10000016",
            "emergency": False,
            "social_worker": _SOCIAL_WORKER,
        }
    ]
}
