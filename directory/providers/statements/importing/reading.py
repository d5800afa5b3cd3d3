"""Reading a file that somebody sent, in a process of its own with little time and memory."""

import json

from directory.intake.apart.running import Fell, run_apart
from directory.providers.statements.importing.lines import Line, Look
from directory.providers.statements.importing.reader import LONGEST_ANSWER
from directory.providers.statements.importing.refusals import LARGEST, Refusal, Refused

_READER = "directory.providers.statements.importing.reader"


def read_lines(data: bytes) -> list[Line]:
    """What stands in a PDF or DOCX, in order. Raises Refused."""
    if len(data) > LARGEST:
        raise Refused(Refusal.TOO_LARGE)
    try:
        said = run_apart(_READER, data, LONGEST_ANSWER)
    except Fell:
        raise Refused(Refusal.TOO_MUCH) from None
    read = json.loads(said)
    if refused := read.get("refused"):
        raise Refused(Refusal(refused))
    return [Line(text, look and Look(look), level) for text, look, level in read["lines"]]
