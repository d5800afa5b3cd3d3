"""Taking out of a text what must not be published, word by word."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from directory.intake.screening.service import Finding


@dataclass(frozen=True, slots=True)
class Marked:
    """A stretch of a text; `reasons` say why it must go, none that it may stay."""

    text: str
    reasons: tuple[str, ...]


def marked(text: str, findings: Sequence[Finding]) -> list[Marked]:
    """The whole text, in stretches, with what was found marked. Findings that touch are one."""
    stretches: list[Marked] = []
    end = 0
    for start, stop, reasons in _together(findings):
        if start > end:
            stretches.append(Marked(text[end:start], ()))
        stretches.append(Marked(text[start:stop], reasons))
        end = stop
    return [*stretches, Marked(text[end:], ())] if end < len(text) else stretches


def without(text: str, findings: Sequence[Finding]) -> str:
    """The text without what was found."""
    left = "".join(one.text for one in marked(text, findings) if not one.reasons)
    left = re.sub(r"[ \t]+([.,;:!?])", r"\1", left)
    return re.sub(r"[ \t]{2,}", " ", left).strip()


def _together(findings: Sequence[Finding]) -> list[tuple[int, int, tuple[str, ...]]]:
    merged: list[tuple[int, int, tuple[str, ...]]] = []
    for one in findings:
        if merged and one.start <= merged[-1][1]:
            start, stop, reasons = merged[-1]
            more = reasons if one.reason in reasons else (*reasons, one.reason)
            merged[-1] = (start, max(stop, one.end), more)
        else:
            merged.append((one.start, one.end, (one.reason,)))
    return merged
