"""What sample homes offer: needs, ages and sex that belong together, and words to match.

The needs are the directory's closed list. Words say what a provider would say in a statement of
purpose, and nothing of where the home stands.
"""

from dataclasses import dataclass
from random import Random

from protocols.kinds import Sex, Source
from protocols.profiles import Answer, Met
from protocols.profiles import Profile as Said
from protocols.records import Description, Home, Need


@dataclass(frozen=True, slots=True)
class Profile:
    """A kind of home. Ages are years, inclusive; `places` are the sizes that suit it."""

    offer: str
    practice: tuple[str, ...]
    needs: tuple[Need, ...]
    sometimes: tuple[Need, ...]
    ages: tuple[tuple[int, int], ...]
    sexes: tuple[Sex, ...]
    places: range
    weight: int
    short_breaks: bool = False


PROFILES: tuple[Profile, ...] = (
    Profile(
        "A steady family-sized home for children who need to stay put for some years.",
        (
            "The same six adults have run the house since it opened.",
            "Every child goes to a school outside the home, and friends come to tea.",
        ),
        ("mainstream", "emotional-behavioural"),
        ("missing",),
        ((7, 13), (10, 16), (8, 17)),
        ("any", "any", "girls", "boys"),
        range(2, 7),
        6,
    ),
    Profile(
        "A therapeutic home for children whose early years hurt them.",
        (
            "A psychotherapist works with the team every week and with each child who wishes it.",
            "Adults are trained in attachment and trauma, and respond to feelings before conduct.",
        ),
        ("emotional-behavioural", "mental-health"),
        ("self-harm", "mainstream"),
        ((6, 12), (8, 14), (11, 17)),
        ("any", "any", "girls", "boys"),
        range(2, 7),
        6,
    ),
    Profile(
        "A home for young people who harm themselves or live with lasting distress.",
        (
            "A mental health nurse leads safety planning, which is written with the young person.",
            "Nights are awake, and nobody is left alone with the worst hours.",
        ),
        ("mental-health", "self-harm"),
        ("emotional-behavioural", "missing"),
        ((12, 17), (13, 17)),
        ("girls", "any"),
        range(2, 5),
        4,
    ),
    Profile(
        "A home for autistic children, calm and predictable.",
        (
            "Each day is shown in pictures; light, sound and food are suited to every child.",
            "A speech and language therapist trains the whole team in Makaton and PECS.",
        ),
        ("autism", "learning-disability"),
        ("emotional-behavioural", "mental-health"),
        ((7, 14), (8, 17), (11, 18)),
        ("any", "any", "boys"),
        range(2, 9),
        4,
    ),
    Profile(
        "Short breaks for disabled children, from one night to a week.",
        (
            "Hoists, wet rooms and wide doors throughout; families plan each stay with us.",
            "Nurses train adults for each child's care, feeding and medicines included.",
        ),
        ("physical-disability", "learning-disability", "complex-health"),
        ("autism",),
        ((5, 17), (8, 18)),
        ("any",),
        range(4, 13),
        2,
        short_breaks=True,
    ),
    Profile(
        "A nursing-led home for children with complex health needs.",
        (
            "A registered nurse is in the house day and night.",
            "Ventilation, gastrostomy and epilepsy care are given by adults trained for the child.",
        ),
        ("complex-health", "physical-disability"),
        ("learning-disability",),
        ((3, 12), (5, 18)),
        ("any",),
        range(3, 9),
        1,
    ),
    Profile(
        "A home for young people who are exploited, or go missing to those who exploit them.",
        (
            "Each has a plan agreed with police and family for the hour in which they are late.",
            "A specialist worker sees every young person within a day of coming back.",
        ),
        ("exploitation", "missing"),
        ("substance-misuse", "self-harm", "offending"),
        ((12, 17), (13, 17), (14, 17)),
        ("girls", "any", "boys"),
        range(2, 5),
        4,
    ),
    Profile(
        "A home for young people in trouble with the law or with drugs.",
        (
            "Boxing, mechanics and music fill the evenings, with people who have been there.",
            "The youth justice team holds its meetings at our kitchen table.",
        ),
        ("offending", "substance-misuse"),
        ("missing", "exploitation", "emotional-behavioural"),
        ((13, 17), (14, 17)),
        ("boys", "any"),
        range(2, 6),
        3,
    ),
    Profile(
        "A specialist home for boys who have harmed others sexually.",
        (
            "Assessment and treatment follow a manual, and are supervised from outside the home.",
            "Bedrooms, corridors and school runs are planned so that everybody is safe.",
        ),
        ("harmful-sexual-behaviour",),
        ("learning-disability", "emotional-behavioural"),
        ((10, 15), (11, 17)),
        ("boys",),
        range(2, 6),
        2,
    ),
    Profile(
        "A home for young people who came to this country alone.",
        (
            "The team speaks six languages, and knows the asylum system and its solicitors.",
            "Prayer, food and festivals are kept as each young person wishes.",
        ),
        ("asylum-seeking", "mainstream"),
        ("mental-health",),
        ((15, 17), (16, 17)),
        ("boys", "any"),
        range(3, 7),
        2,
    ),
    Profile(
        "A home for young mothers and mothers-to-be.",
        (
            "Midwife and health visitor come to the house; the nursery is next to the kitchen.",
            "Each learns to be a parent at her own pace, with somebody beside her at night.",
        ),
        ("young-parents",),
        ("exploitation", "emotional-behavioural"),
        ((14, 17), (15, 18)),
        ("girls",),
        range(3, 6),
        1,
    ),
    Profile(
        "A home for one child at a time, who cannot yet live with others.",
        (
            "Two adults are always there; the plan is to move on to a shared home when ready.",
            "Plans change by the hour where they must, with the same few faces around the child.",
        ),
        ("solo-placement", "emotional-behavioural"),
        ("deprivation-of-liberty", "self-harm", "exploitation", "mental-health"),
        ((9, 15), (11, 17), (12, 17)),
        ("any", "any", "girls", "boys"),
        range(1, 2),
        8,
    ),
)


def profile_for(dice: Random, places: int) -> Profile:
    """A kind of home that may have this many places."""
    fitting = [one for one in PROFILES if places in one.places]
    return dice.choices(fitting, [one.weight for one in fitting])[0]


_REST: tuple[tuple[str, float], ...] = (
    *((code, 0.25) for code in ("emergency-admission", "step-down", "siblings", "moving-on")),
    *((code, 0.5) for code in ("long-term", "family-contact", "local-schools", "ehcp", "diet")),
    *((code, 0.2) for code in ("school-on-site", "school-by-provider", "home-tuition", "pets")),
    *((code, 0.3) for code in ("waking-night", "one-to-one", "clinical-supervision")),
    *((code, 0.1) for code in ("two-to-one", "wheelchair", "low-stimulus", "sensory-room")),
    *((code, 0.15) for code in ("muslim", "christian", "speaks-polish", "speaks-arabic", "lgbt")),
    *((code, 0.2) for code in ("psychotherapy", "art-therapy", "speech-therapy", "dbt")),
)
_THERAPIES = frozenset({"psychotherapy", "art-therapy", "speech-therapy", "dbt"})
_ANSWERS: tuple[Met, ...] = ("yes", "partly", "no")


def offer(dice: Random, home: Home, source: Source) -> Said | None:
    """What a described sample home says that it offers besides, for trying match out."""
    if home.description is None:
        return None
    answers = [Answer(need, "yes") for need in home.description.needs]
    for code, often in _REST:
        if dice.random() < often * 1.6:
            met = "yes" if dice.random() < 0.6 else dice.choice(_ANSWERS)
            by = ("visiting-registered",) if code in _THERAPIES and met != "no" else ()
            answers.append(Answer(code, met, by))
    staff = dice.randrange(5, 9) + 2 * (home.places or 1)
    what = home.description
    return Said(
        home.urn,
        home.authority,
        source,
        what.summary,
        what.youngest,
        what.oldest,
        what.sex,
        staff,
        staff * 2 // 3,
        tuple(answers),
    )


def describe(dice: Random, profile: Profile, places: int) -> Description:
    """The description of one home of this kind."""
    extra = tuple(need for need in profile.sometimes if dice.random() < 0.5)
    courts = ""
    if "deprivation-of-liberty" in extra:
        courts = "Care that deprives of liberty is given only as a court has authorised. "
    youngest, oldest = dice.choice(profile.ages)
    sex = dice.choice(profile.sexes)
    room = "one place" if places == 1 else f"{places} places"
    whom = {"girls": "girls", "boys": "boys", "any": "girls and boys"}[sex]
    if places == 1:
        whom = {"girls": "a girl", "boys": "a boy", "any": "a girl or boy"}[sex]
    return Description(
        summary=f"{profile.offer} {dice.choice(profile.practice)} {courts}"
        f"We have {room}, for {whom} of {youngest} to {oldest}.",
        needs=profile.needs + extra,
        youngest=youngest,
        oldest=oldest,
        sex=sex,
    )
