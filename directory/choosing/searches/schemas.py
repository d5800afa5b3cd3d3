"""What a saved search is called: screened, as everything is that is kept of a search."""

from marshmallow import ValidationError, validate

from directory.intake.screening.service import screen
from directory.notices.fields import LineField
from directory.web.forms import Form
from protocols.publication import Publication


def why_unfit(text: str) -> str | None:
    """Why a text cannot be kept: it may name a child, or where one lives."""
    if found := screen(text):
        one = found[0]
        where = f"Characters {one.start + 1} to {one.end}"
        return f"{where}: {one.reason}. Nothing about a child is saved"
    return None


def fit(text: str) -> None:
    """Raise ValidationError for what cannot be kept."""
    if why := why_unfit(text):
        raise ValidationError(why)


class SaveForm(Form):
    """The name of a search."""

    called = LineField(
        "Enter a name for this search",
        "The name",
        Publication.AUTHORITY,
        validate=[validate.Length(max=80, error="Write 80 characters or fewer"), fit],
    )
