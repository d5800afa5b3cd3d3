"""Statements of purpose of sample homes, made up, as are the homes.

Each leaves a few matters of Schedule 1 out, so that there is something to be found missing.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from protocols.records import Home
from protocols.statements import Matter, Section, Statement

_TEXTS: dict[Matter, str] = {
    "needs": "This home is made up, and so is this statement: it shows what one looks like.\n\n"
    "{summary}",
    "ethos": "We aim for children to leave us safer, in school, and with people who stay in their "
    "lives. Each child's goals are written with them and looked at every six weeks.",
    "accommodation": "We have {places} for {whom} of {youngest} to {oldest} years. Each child has "
    "a bedroom of their own, and chooses its colours. The ground floor is designed for who cannot "
    "use stairs.",
    "location": "A quiet residential area with buses, shops, schools and a leisure centre within "
    "reach.",
    "culture": "Culture, language and faith are asked about before a child comes, and again with "
    "the child: food, hair and skin care, festivals, places of worship and interpreters.",
    "complaints": "A child can tell any adult, ring the advocate whose number is on the kitchen "
    "wall, or write to the manager. Every complaint is answered within ten working days.",
    "policies": "Our policies on child protection and on behaviour are sent to whoever has a part "
    "in a child's care and asks for them.",
    "consultation": "A house meeting each week, led by the children, decides meals, trips and "
    "rules of the house; what was decided against their wishes is explained.",
    "rights": "Nobody is treated worse for who they are. Children learn what their rights are, and "
    "see what is written about them.",
    "special-needs": "A teacher plans with each child's school what their education, health and "
    "care plan asks for, and sees that it is done.",
    "schooling": "Children go to local schools. Adults take them, sit with them over homework, and "
    "keep a quiet room for study.",
    "activities": "Swimming, football, music, gardening and cooking, by each child's own choice, "
    "with friends wherever that is possible.",
    "health": "Each child has a doctor, a dentist and an optician within a month. A registered "
    "clinical psychologist works with the team for a day each week.",
    "contact": "Family and friends are welcome. We help with travel, and supervise where a plan or "
    "a court asks for it.",
    "behaviour": "We notice early, step back, and talk. Restraint is used only to prevent injury; "
    "each time it is recorded, looked into within a day, and talked over with the child.",
    "qualifications": "Four in five of the team hold the level 3 diploma, the others work towards "
    "it; the manager holds level 5 and has fourteen years of experience.",
    "structure": "A registered manager, two deputies and a team of support workers, who all have "
    "supervision every fortnight.",
    "admission": "We match each child with those who live here already. Emergency admissions are "
    "possible where the group allows it.",
}
# From the start of each: how long ago it was revised, and how long after that reviewed.
_AGES = ((12, 0), (120, 100), (500, 90))
_WHOM = {"girls": "girls", "boys": "boys", "any": "girls and boys"}


def sample_statements(homes: Sequence[Home], today: date) -> list[Statement]:
    """A statement of each of the first few described homes: one fresh, one older, one whose review
    is overdue on `today`.
    """
    described = [one for one in homes if one.description]
    return [
        _statement(home, today - timedelta(days=ago), after)
        for home, (ago, after) in zip(described, _AGES, strict=False)
    ]


def _statement(home: Home, revised_on: date, reviewed_after: int) -> Statement:
    told = home.description
    assert told is not None  # noqa: S101 - the caller has chosen those that are described
    words = {
        "summary": told.summary,
        "places": "one place" if home.places == 1 else f"{home.places} places",
        "whom": _WHOM[told.sex],
        "youngest": told.youngest,
        "oldest": told.oldest,
    }
    return Statement(
        home.urn,
        home.authority,
        revised_on,
        revised_on + timedelta(days=reviewed_after),
        tuple(Section(matter, text.format_map(words)) for matter, text in _TEXTS.items()),
        ("curriculum",),
    )
