"""What a home says that it offers, as its page shows it: group by group, and what is not said."""

from directory.country.codes.service import code_list, giver_label, known, label
from directory.homes import labels
from directory.homes.facts import Fact
from directory.homes.said import Said
from protocols.profiles import Answer


def care(said: Said | None) -> list[Fact]:
    """Whom the home is for, and which needs it meets."""
    if said is None:
        return [Fact("Needs", labels.NOT_DESCRIBED, note=labels.NOT_DESCRIBED_MEANS)]
    facts = [Fact("Children", labels.who_lives_there(said))]
    facts += [fact for group in ("level", "need") for fact in _group(said, group)]
    if said.summary:
        facts.append(Fact("In the provider’s words", said.summary))
    return facts


def offers(said: Said | None) -> list[Fact]:
    """What else it offers; a group of which nothing is said, says so. None for a home that is not
    described, or only as the record of the home itself does.
    """
    if said is None or said.record != "profile":
        return []
    facts = [
        fact
        for group in code_list().groups
        if group.code not in ("level", "need")
        for fact in _group(said, group.code)
    ]
    if said.staff is not None:
        learned = f", {said.qualified} of them qualified" if said.qualified is not None else ""
        facts.append(Fact("Care staff", f"{said.staff}{learned}"))
    if other := [one for code, one in said.answers.items() if code not in known()]:
        facts.append(
            Fact(
                "Other answers",
                "",
                tuple(_said(one) for one in other),
                note="In a later edition of the code list than this node has.",
            )
        )
    return facts


def _group(said: Said, group: str) -> list[Fact]:
    entry = next(one for one in code_list().groups if one.code == group)
    codes = [one.code for one in code_list().of(group)]
    answered = [said.answers[code] for code in codes if code in said.answers]
    text = next((note.text for note in said.notes if note.about == group), "")
    offered = tuple(_said(one) for one in answered if one.met != "no")
    unmet = [label(one.code) for one in answered if one.met == "no"]
    silent = len(codes) - len(answered)
    if not answered:
        return [Fact(entry.label, text or labels.NOT_SAID)]
    notes = []
    if unmet:
        notes.append(f"Not offered: {', '.join(unmet)}.")
    if silent and said.record == "profile":
        notes.append(f"Nothing is said of {silent} others in the list.")
    return [Fact(entry.label, text, offered, " ".join(notes))]


def _said(one: Answer) -> str:
    given = f" ({', '.join(map(giver_label, one.by))})" if one.by else ""
    return f"{label(one.code)}{' (in part)' if one.met == 'partly' else ''}{given}"
