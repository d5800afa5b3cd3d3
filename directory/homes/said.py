"""What a home says that it offers, from whichever record says it: its profile, or else the
description in the record of the home itself, as the release before this one wrote it.

A code without an answer is not known; a home without either record is not yet described. Neither
ever means "no".
"""

from dataclasses import dataclass

from directory.country.codes.service import group_label, label
from protocols.kinds import Sex, Source
from protocols.profiles import Answer, Note, Profile
from protocols.records import Home


@dataclass(frozen=True, slots=True)
class Said:
    """What is said, and where: `profile` or `home`. What is None is not known."""

    record: str
    source: Source
    summary: str | None
    youngest: int | None
    oldest: int | None
    sex: Sex | None
    staff: int | None
    qualified: int | None
    answers: dict[str, Answer]
    notes: tuple[Note, ...]

    def codes(self, met: str) -> list[str]:
        """The codes that are answered so."""
        return [code for code, one in self.answers.items() if one.met == met]

    @property
    def words(self) -> str:
        """All of it that is searched by words. What it does not offer is not found by its name."""
        offered = [label(code) for code, one in self.answers.items() if one.met != "no"]
        noted = [f"{group_label(note.about)} {note.text}" for note in self.notes]
        return " ".join(filter(None, (*offered, self.summary, *noted)))


def said_of(home: Home, profile: Profile | None) -> Said | None:
    """What a home says; None when it is not yet described."""
    if profile:
        return said_of_profile(profile)
    if what := home.description:
        return Said(
            "home",
            home.source,
            what.summary,
            what.youngest,
            what.oldest,
            what.sex,
            None,
            None,
            {need: Answer(need, "yes") for need in what.needs},
            (),
        )
    return None


def said_of_profile(profile: Profile) -> Said:
    """What a profile says."""
    return Said(
        "profile",
        profile.source,
        profile.summary,
        profile.youngest,
        profile.oldest,
        profile.sex,
        profile.staff,
        profile.qualified,
        {one.code: one for one in profile.answers},
        profile.notes,
    )
