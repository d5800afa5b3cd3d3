"""Schedule 1 to the Children's Homes (England) Regulations 2015 (SI 2015/541) as data: what a
statement of purpose has to cover. https://www.legislation.gov.uk/uksi/2015/541/schedule/1

`asks` is the Schedule's own text (Open Government Licence v3.0). A paragraph's points are told by
words that a text about them can hardly do without: where none of them stands there, the point may
be missing, and a person is asked to look.
"""

from dataclasses import dataclass, field

from protocols.statements import Matter

SOURCE = "https://www.legislation.gov.uk/uksi/2015/541/schedule/1"
REVIEW = "https://www.legislation.gov.uk/uksi/2015/541/regulation/16"


@dataclass(frozen=True, slots=True)
class Point:
    """Something that a paragraph asks for, and beginnings of words with which it is said."""

    what: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of the Schedule. `when`: the case in which alone it applies, for some."""

    matter: Matter
    number: int
    part: str
    title: str
    asks: str
    points: tuple[Point, ...] = ()
    when: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A heading of the Schedule, with what stands under it."""

    name: str
    paragraphs: list[Paragraph] = field(default_factory=list)


_QUALITY, _VIEWS, _EDUCATION = (
    "Quality and purpose of care",
    "Views, wishes and feelings",
    "Education",
)
_ENJOY, _HEALTH, _POSITIVE = "Enjoyment and achievement", "Health", "Positive relationships"
_PROTECTION, _LEADERSHIP = "Protection of children", "Leadership and management"
_PLANNING = "Care planning"

PARAGRAPHS: tuple[Paragraph, ...] = (
    Paragraph(
        "needs",
        1,
        _QUALITY,
        "Needs of the children",
        "A statement of the range of needs of the children for whom it is intended that the "
        "children’s home is to provide care and accommodation.",
    ),
    Paragraph(
        "ethos",
        2,
        _QUALITY,
        "Ethos and outcomes",
        "Details of the home’s ethos, the outcomes that the home seeks to achieve and its approach "
        "to achieving them.",
        points=(Point("the outcomes that the home seeks", ("outcome", "aim", "achiev", "goal")),),
    ),
    Paragraph(
        "accommodation",
        3,
        _QUALITY,
        "Accommodation",
        "A description of the accommodation offered by the home, including how accommodation has "
        "been adapted to the needs of children; the age range, number and sex of children for whom "
        "it is intended that accommodation is to be provided; and the type of accommodation, "
        "including sleeping accommodation.",
        points=(
            Point("how it has been adapted to children’s needs", ("adapt", "access", "design")),
            Point("the age range", ("age", "year")),
            Point("the sex of the children", ("boy", "girl", "sex", "gender", "male", "female")),
            Point("sleeping accommodation", ("bedroom", "sleep", "bed ", "beds", "ensuite")),
        ),
        hint="Describe the inside. Leave out how the house can be recognised from the street.",
    ),
    Paragraph(
        "location",
        4,
        _QUALITY,
        "Location",
        "A description of the location of the home.",
        hint="Say what kind of place it is and what is within reach. No street, village, postcode "
        "or landmark: the full document has those, and is given to those who need it.",
    ),
    Paragraph(
        "culture",
        5,
        _QUALITY,
        "Cultural, linguistic and religious needs",
        "The arrangements for supporting the cultural, linguistic and religious needs of children.",
        points=(
            Point("cultural needs", ("cultur", "heritage", "ethnic")),
            Point("linguistic needs", ("lingu", "language", "interpret", "translat")),
            Point("religious needs", ("religi", "faith", "worship", "church", "mosque", "pray")),
        ),
    ),
    Paragraph(
        "complaints",
        6,
        _QUALITY,
        "Complaints",
        "Details of who to contact if a person has a complaint about the home and how that person "
        "can access the home’s complaints policy.",
        points=(
            Point("who to contact", ("contact", "manager", "telephone", "call", "email", "write")),
            Point("how to get the complaints policy", ("policy", "procedure", "copy", "copies")),
        ),
    ),
    Paragraph(
        "policies",
        7,
        _QUALITY,
        "Child protection and behaviour policies",
        "Details of how a person, body or organisation involved in the care or protection of a "
        "child can access the home’s child protection policies or the behaviour management policy.",
        points=(
            Point("child protection policies", ("protect", "safeguard")),
            Point("the behaviour management policy", ("behaviour",)),
        ),
    ),
    Paragraph(
        "consultation",
        8,
        _VIEWS,
        "How children are consulted",
        "A description of the home’s policy and approach to consulting children about the quality "
        "of their care.",
    ),
    Paragraph(
        "rights",
        9,
        _VIEWS,
        "Anti-discrimination and children’s rights",
        "A description of the home’s policy and approach in relation to anti-discriminatory "
        "practice in respect of children and their families; and children’s rights.",
        points=(
            Point("anti-discriminatory practice", ("discriminat", "equal", "divers", "inclus")),
            Point("children’s rights", ("right",)),
        ),
    ),
    Paragraph(
        "special-needs",
        10,
        _EDUCATION,
        "Special educational needs",
        "Details of provision to support children with special educational needs.",
    ),
    Paragraph(
        "curriculum",
        11,
        _EDUCATION,
        "Curriculum, where the home is a school",
        "If the home is registered as a school, details of the curriculum provided by the home and "
        "the management and structure of the arrangements for education.",
        when="the home is registered as a school",
    ),
    Paragraph(
        "schooling",
        12,
        _EDUCATION,
        "Going to school",
        "If the home is not registered as a school, the arrangements for children to attend local "
        "schools and the provision made by the home to promote children’s educational achievement.",
        when="the home is not registered as a school",
        hint="Name no school: it leads to where the children are.",
    ),
    Paragraph(
        "activities",
        13,
        _ENJOY,
        "Activities",
        "The arrangements for enabling children to take part in and benefit from a variety of "
        "activities that meet their needs and develop and reflect their creative, intellectual, "
        "physical and social interests and skills.",
    ),
    Paragraph(
        "health",
        14,
        _HEALTH,
        "Health care and therapy",
        "Details of any healthcare or therapy provided, including details of the qualifications "
        "and professional supervision of the staff involved in providing any healthcare or "
        "therapy; and information about how the effectiveness of any healthcare or therapy "
        "provided is measured, the evidence demonstrating its effectiveness and details of how the "
        "information or evidence can be accessed.",
        points=(
            Point("qualifications of those who give it", ("qualif", "regist", "train", "degree")),
            Point("their professional supervision", ("supervis",)),
            Point("how its effect is measured", ("effect", "measur", "evaluat", "outcome")),
            Point("how the evidence can be had", ("evidence", "access", "request", "report")),
        ),
        when="health care or therapy is provided",
    ),
    Paragraph(
        "contact",
        15,
        _POSITIVE,
        "Contact with family and friends",
        "The arrangements for promoting contact between children and their families and friends.",
        points=(Point("friends", ("friend", "peer")),),
    ),
    Paragraph(
        "surveillance",
        16,
        _PROTECTION,
        "Monitoring and surveillance",
        "A description of the home’s approach to the monitoring and surveillance of children.",
    ),
    Paragraph(
        "behaviour",
        17,
        _PROTECTION,
        "Behaviour support and restraint",
        "Details of the home’s approach to behavioural support, including information about the "
        "home’s approach to restraint in relation to children; and how persons working in the home "
        "are trained in restraint and how their competence is assessed.",
        points=(
            Point("restraint", ("restrain", "physical interv", "holding", "hold ")),
            Point("how staff are trained in it", ("train",)),
            Point("how their competence is assessed", ("competen", "assess", "refresh", "observ")),
        ),
    ),
    Paragraph(
        "people",
        18,
        _LEADERSHIP,
        "Provider, responsible individual and manager",
        "The name and work address of the registered provider; the responsible individual (if one "
        "is nominated); and the registered manager (if one is appointed).",
        points=(
            Point("the registered provider", ("provider", "company", "ltd", "limited", "council")),
            Point("the registered manager", ("manager",)),
        ),
        hint="Write the names. Addresses stand in the full document only.",
    ),
    Paragraph(
        "qualifications",
        19,
        _LEADERSHIP,
        "Experience and qualifications of staff",
        "Details of the experience and qualifications of staff, including any staff commissioned "
        "to provide education or health care.",
        points=(
            Point("experience", ("experien", "worked", "years")),
            Point("qualifications", ("qualif", "diploma", "level", "degree", "nvq")),
        ),
    ),
    Paragraph(
        "structure",
        20,
        _LEADERSHIP,
        "Staffing structure and supervision",
        "Details of the management and staffing structure of the home, including arrangements for "
        "the professional supervision of staff, including staff that provide education or health "
        "care.",
        points=(Point("supervision", ("supervis",)),),
    ),
    Paragraph(
        "role-models",
        21,
        _LEADERSHIP,
        "Staff of one sex",
        "If the staff are all of one sex, or mainly of one sex, a description of how the home "
        "promotes appropriate role models of both sexes.",
        when="the staff are all or mainly of one sex",
    ),
    Paragraph(
        "admission",
        22,
        _PLANNING,
        "Admission",
        "Any criteria used for the admission of children to the home, including any policies and "
        "procedures for emergency admission.",
        points=(Point("emergency admission", ("emergenc", "short notice", "same day")),),
    ),
)

BY_MATTER = {paragraph.matter: paragraph for paragraph in PARAGRAPHS}


def parts() -> list[Part]:
    """The Schedule's headings in order, each with its paragraphs."""
    found: dict[str, Part] = {}
    for paragraph in PARAGRAPHS:
        found.setdefault(paragraph.part, Part(paragraph.part)).paragraphs.append(paragraph)
    return list(found.values())
