"""How long most took."""

from collections.abc import Sequence
from statistics import quantiles


def percentile(seconds: Sequence[float], share: int) -> float:
    """In milliseconds: as many of a hundred took no longer."""
    return round(quantiles(seconds, n=100, method="inclusive")[share - 1] * 1000, 2)
