"""What the vault knows notices by, and what follows them: ids are their sender's own."""


def received_record(placing: str, notice: str) -> str:
    """A received notice."""
    return f"{placing}/{notice}"


def event_record(side: str, placing: str, notice: str, kind: str, message: str) -> str:
    """What was said after a notice. One node may serve both authorities, and both draw ids."""
    return f"{side}/{placing}/{notice}/{kind}/{message}"
