"""What a children's guide tells, in the order in which a child reads it.

The Children's Homes (England) Regulations 2015 (SI 2015/541), regulation 2(1), have it explain, in
a form for the children, what each can expect of the home's care, the support to which each is
entitled, how to complain, and how to get advocacy; regulation 7(2) has each child given it when a
placement is agreed. https://www.legislation.gov.uk/uksi/2015/541/regulation/7
"""

from dataclasses import dataclass
from typing import get_args

from protocols.handins import Topic as Name

SOURCE = "https://www.legislation.gov.uk/uksi/2015/541/regulation/7"


@dataclass(frozen=True, slots=True)
class Topic:
    """A part of the guide: how it is headed for the child, and what the writer is asked for."""

    name: Name
    heading: str
    asks: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Helpline:
    """Whom any child in a home may call. `calls` is what is dialled."""

    name: str
    what: str
    telephone: str

    @property
    def calls(self) -> str:
        return self.telephone.replace(" ", "")


TOPICS = (
    Topic("welcome", "Hello", "Who lives and works here, in a few words. Name no child."),
    Topic("care", "How we look after you", "What a child can expect of the home’s care.", True),
    Topic(
        "support",
        "What help you can get",
        "The support to which each child is entitled: school, health, a key worker, things to do.",
        True,
    ),
    Topic("days", "A day here", "Getting up, meals, school, phones, pocket money, bed."),
    Topic("family", "Family and friends", "Calls, visits, and having friends round."),
    Topic(
        "complaints",
        "If something is wrong",
        "How to complain about the home or somebody in it, and what happens then.",
        True,
    ),
    Topic(
        "advocacy",
        "Somebody on your side",
        "What an advocate does, and how to get one. It is free, and each child may have one.",
        True,
    ),
)
HELPLINES = (
    Helpline("Childline", "Talk about anything. Free, day and night.", "0800 1111"),
    Helpline(
        "Help at Hand",
        "The Children’s Commissioner’s team, for children in care. Free.",
        "0800 528 0731",
    ),
    Helpline("Ofsted", "They check every children’s home.", "0300 123 1231"),
)
if {one.name for one in TOPICS} != set(get_args(Name)):
    raise TypeError("a topic without a name, or a name without a topic")
