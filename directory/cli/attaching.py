"""The option --attach: files that go with a message."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import click

from directory.intake.attachments.choosing import Chosen, enclosures
from directory.intake.attachments.errors import AttachmentError
from federation import Enclosure

attach_option = click.option(
    "--attach",
    "attached",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A PDF, Word document (.docx), JPEG or PNG to go with it; may be given several times.",
)


def read_attached(attached: Sequence[Path], stack: ExitStack) -> list[Enclosure]:
    """The files, open until the stack is closed. Raises AttachmentError, which names the path."""
    chosen = [Chosen(path.name, stack.enter_context(path.open("rb"))) for path in attached]
    try:
        return enclosures(chosen)
    except AttachmentError as error:
        place = "" if error.number is None else f"The file {attached[error.number]} "
        raise AttachmentError(f"{place}{error}. Nothing was sent.") from None
