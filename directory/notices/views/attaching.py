"""Files in a form: how much of it is taken, which were chosen, and what is wrong with one."""

from flask import request

from directory.intake.attachments.choosing import Chosen
from directory.intake.attachments.errors import AttachmentError

MOST_SENT = 100 * 1024 * 1024
"""Bytes of the form and its files: more than are taken, so that too many are refused beside them,
with what was typed still there.
"""


def take_files(typed: int) -> None:
    """Take files with this request; without them, `typed` bytes of form, and no more with them."""
    with_files = request.mimetype == "multipart/form-data"
    request.max_content_length = MOST_SENT if with_files else typed
    request.max_form_memory_size = typed


def chosen_files() -> list[Chosen]:
    """The files that were chosen; a browser sends an empty one for none."""
    every = request.files.getlist("attachments")
    return [Chosen(one.filename, one.stream) for one in every if one.filename]


def about(error: AttachmentError) -> str:
    """What is wrong, with the name of the file, for whoever has chosen it."""
    if error.number is None:
        return str(error)
    return f"“{chosen_files()[error.number].name}” {error}"
