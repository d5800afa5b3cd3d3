"""Which matter of Schedule 1 a heading is about.

Homes head their sections in words of their own, so each matter has words and phrases that speak for
it, each with a weight; a heading is about the matter for which most speaks, if enough does. Slips
of spelling count as the word that is meant.
"""

import re
from collections.abc import Mapping
from functools import cache

from rapidfuzz import fuzz, process

from directory.providers.statements.schedule import PARAGRAPHS
from protocols.statements import Matter

ENOUGH = 2
_ALIKE = 86  # of 100: one letter in seven may be another
_NUMBER = re.compile(
    r"(?:section|part|standard|paragraph|schedule|appendix)? ?[\divx]{1,5}(?:[.,]\d{1,2})*[a-z]?"
    r"[.):]*\s+(?=\D)",
    re.IGNORECASE,
)
# A phrase is words with spaces; a star ends the beginning of a word.
_SAYS: Mapping[Matter, Mapping[str, int]] = {
    "needs": {
        "range of needs": 5, "children's needs": 3, "needs of children": 4, "needs": 1,
        "type of need*": 4, "who we care for": 4, "we care for": 3, "who we look after": 4,
        "we look after": 2, "children we": 2, "young people we": 2, "who lives": 2,
        "our children": 2, "our young people": 2, "profile of": 2, "client group": 3,
        "service users": 2,
        "children accommodated": 3, "who is the home for": 4, "who the home is for": 4,
        "we can meet": 3, "who we support": 3, "who we help": 3,
    },
    "ethos": {
        "ethos": 5, "philosoph*": 4, "outcomes": 2, "aims": 3, "objectives": 3, "values": 3,
        "vision": 3, "mission": 3, "model of care": 4, "principles": 2, "approach to care": 3,
        "therapeutic approach": 2, "our approach": 2, "what we believe": 4, "beliefs": 1,
        "purpose": 1,
    },
    "accommodation": {
        "accommodation": 4, "premises": 3, "the house": 3, "our house": 3, "facilities": 3,
        "bedroom*": 3, "building": 2, "layout": 2, "adapt*": 1, "rooms": 2, "the home is like": 3,
        "home is like": 3, "environment": 2, "description of the home": 3, "sleeping": 2,
        "age range": 2, "living space*": 3, "our home": 1,
    },
    "location": {
        "location": 5, "where we are": 4, "where the home is": 5, "where is": 2, "situated": 3,
        "neighbourhood": 3, "local area": 4, "surroundings": 3, "transport": 2, "how to find": 4,
        "community": 1, "area": 1, "directions": 3,
    },
    "culture": {
        "cultur*": 3, "religi*": 3, "linguistic*": 3, "faith*": 3, "language*": 2, "spiritual*": 3,
        "heritage": 2, "dietary": 2, "ethnic*": 2, "identity": 1, "worship": 3, "belief*": 2,
    },
    "complaints": {
        "complain*": 5, "compliment*": 2, "not happy": 4, "unhappy": 4, "concerns": 2,
        "representations": 2, "grievance*": 3, "feedback": 1,
    },
    "policies": {
        "policies": 3, "access to policies": 3, "child protection": 2, "safeguarding": 2,
        "protection policies": 3, "safeguarding policies": 3, "bullying": 2, "missing": 2,
        "procedures": 2, "behaviour management policy": 3, "safeguarding children": 1,
    },
    "consultation": {
        "consult*": 5, "having a say": 4, "have a say": 4, "have their say": 4, "say": 1,
        "views": 2, "wishes": 2, "feelings": 2, "voice": 4, "listen*": 3, "participat*": 4,
        "children's meetings": 3, "house meetings": 3, "involv*": 2, "being heard": 3,
    },
    "rights": {
        "rights": 4, "discriminat*": 4, "equality": 4, "diversity": 3, "equal opportunities": 4,
        "inclusion": 2, "difference": 2, "respect": 1, "respecting": 1, "equal*": 1,
        "valuing difference": 2, "prejudice": 3,
    },
    "special-needs": {
        "special educational": 5, "special needs": 4, "sen": 4, "send": 4, "additional needs": 3,
        "learning difficult*": 4, "educational needs": 2, "additional learning": 4,
        "learning disabilit*": 2, "ehcp*": 3,
    },
    "curriculum": {
        "curriculum": 5, "registered as a school": 6, "our school": 5, "school on site": 5,
        "on site education": 4, "onsite education": 4, "education provided by the home": 5,
        "education on site": 5, "dual registered": 3, "our education provision": 3,
    },
    "schooling": {
        "education": 3, "school*": 3, "schooling": 3, "learning": 2, "local schools": 2,
        "educational achievement": 3, "training and employment": 3, "achievement": 1,
        "supporting education": 2, "college": 2, "attainment": 2,
    },
    "activities": {
        "activit*": 4, "leisure": 3, "recreation*": 3, "hobbies": 4, "interests": 2, "sport*": 3,
        "play": 2, "enjoy*": 2, "clubs": 2, "holidays": 2, "social interests": 2, "fun": 3,
        "arts": 2, "enjoyment and achievement": 3, "things to do": 4,
    },
    "health": {
        "health*": 4, "healthcare": 4, "therap*": 3, "wellbeing": 2, "well being": 2, "medical": 3,
        "clinical": 3, "nursing": 3, "psycholog*": 3, "medication": 3, "emotional wellbeing": 2,
        "therapeutic services": 2, "camhs": 3, "dental": 2,
    },
    "contact": {
        "contact with": 4, "contact arrangements": 4, "contact": 2, "family": 2, "families": 2,
        "family time": 5, "friends": 3, "parents": 3, "keeping in touch": 5, "staying in touch": 5,
        "visit*": 2, "relatives": 3, "brothers": 2, "sisters": 2, "siblings": 2,
        "positive relationships": 2, "promoting contact": 3,
    },
    "surveillance": {
        "surveillance": 5, "monitoring": 3, "cctv": 5, "camera*": 5, "electronic*": 2, "alarm*": 3,
        "privacy": 2, "listening devices": 6, "devices": 1, "monitors": 2, "door sensors": 4,
        "door alarms": 3,
    },
    "behaviour": {
        "behaviour*": 3, "restrain*": 5, "physical intervention*": 5, "boundaries": 2,
        "sanctions": 3, "rewards": 2, "discipline": 3, "holding": 3, "de escalat*": 3,
        "deescalat*": 3, "positive handling": 4, "behaviour support": 3, "behavioural support": 3,
        "behaviour management": 2, "managing behaviour": 3, "consequences": 2, "relationships": 1,
    },
    "people": {
        "registered provider": 5, "responsible individual": 5, "registered manager": 4,
        "registered persons": 5, "registered person": 4, "who is in charge": 4, "who runs": 4,
        "provider": 2, "proprietor*": 3, "directors": 3, "organisation details": 3, "owner*": 2,
        "company": 2, "the organisation": 2, "business address": 3, "manager details": 3,
    },
    "qualifications": {
        "qualification*": 5, "experience": 3, "training": 2, "meet the team": 4, "staff team": 2,
        "skills": 2, "workforce": 2, "staff profiles": 4, "our team": 2, "the team": 1,
        "our staff": 3, "biograph*": 2, "staff details": 3, "staff": 1,
    },
    "structure": {
        "structure": 3, "staffing structure": 4, "management structure": 4, "staffing": 3,
        "supervis*": 3, "line management": 4, "organisational structure": 5, "organised": 2,
        "rota*": 3, "staffing levels": 3, "roles": 2, "leadership": 2, "management": 2,
        "organisation chart": 4, "reflective practice": 2, "appraisal*": 2, "accountab*": 2,
    },
    "role-models": {
        "role model*": 6, "one sex": 5, "single sex": 4, "gender": 3, "staff of one": 3,
        "male and female": 3, "gender balance": 4, "both sexes": 4, "same sex": 3,
    },
    "admission": {
        "admission*": 5, "referral*": 4, "matching": 3, "moving in": 4, "coming to live": 5,
        "criteria": 2, "emergency": 1, "placement*": 1, "joining": 2, "places": 1, "allocat*": 2,
        "moving here": 3, "introductions": 2, "how to refer": 4, "care planning": 2,
        "transition*": 1, "placement planning": 2,
    },
}  # fmt: skip


def matter_of(heading: str) -> tuple[Matter, int] | None:
    """The matter that a heading is about, and how much speaks for it; None where too little does,
    or as much for another.
    """
    scores = sorted(((score, matter) for matter, score in _scores(heading).items()), reverse=True)
    if not scores or scores[0][0] < ENOUGH or (len(scores) > 1 and scores[1][0] == scores[0][0]):
        return None
    return scores[0][1], scores[0][0]


def bare(heading: str) -> str:
    """A heading without its number, in small letters, with nothing but words."""
    text = heading.replace("’", "'").strip()
    text = _NUMBER.sub("", text, count=1) if _NUMBER.match(text) else text
    return " ".join(re.sub(r"[^\w']+", " ", text.lower()).split())


def _scores(heading: str) -> dict[Matter, int]:
    text = bare(heading)
    if (paragraph := _of_the_schedule(text)) is not None:
        return {paragraph: 100}
    text = " ".join(_meant(word) for word in text.split())
    found = {
        matter: sum(weight for said, weight in says.items() if _pattern(said).search(text))
        for matter, says in _SAYS.items()
    }
    return {matter: score for matter, score in found.items() if score}


def _of_the_schedule(text: str) -> Matter | None:
    """The paragraph whose own words these are, shortened or not."""
    if len(text) < 12:
        return None
    found = process.extractOne(text, _titles(), scorer=fuzz.ratio, score_cutoff=_ALIKE)
    return None if found is None else _titles_of()[found[0]]


@cache
def _titles_of() -> dict[str, Matter]:
    return {bare(said): one.matter for one in PARAGRAPHS for said in (one.title, one.asks)}


@cache
def _titles() -> list[str]:
    return list(_titles_of())


@cache
def _known() -> list[str]:
    words = {word for says in _SAYS.values() for said in says for word in said.split()}
    return sorted(word.rstrip("*") for word in words if len(word.rstrip("*")) > 5)


@cache
def _pattern(said: str) -> re.Pattern[str]:
    words = [re.escape(word).replace(r"\*", r"\w*") for word in said.split()]
    return re.compile(r"\b" + r"\s+".join(words) + r"\b")


def _meant(word: str) -> str:
    """The known word for one that is misspelt by a letter or two."""
    if len(word) < 6 or any(word.startswith(one) for one in _known()):
        return word
    found = process.extractOne(word, _known(), scorer=fuzz.ratio, score_cutoff=_ALIKE)
    return found[0] if found else word
