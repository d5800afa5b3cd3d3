"""What the pages of both authorities do alike: ids in addresses, reasons, and what is gone."""

import re
import secrets
from http import HTTPStatus

from flask import Blueprint, abort, request
from marshmallow import ValidationError

from directory.notices.errors import NoSuchNotice
from directory.notices.now import Said
from directory.notices.schemas import ReasonForm
from directory.notices.sending import PlacedIn, home_in_directory
from directory.security.vault.errors import Erased
from directory.web.error_pages import not_found
from directory.web.headers import keep_out_of_caches
from federation import AttachmentGone, Node, reading

PAGE_SIZE = 25
_ID = re.compile("[0-9a-f]{32}")
_FORM = re.compile("[A-Za-z0-9_-]{22,64}")


def notice_pages(name: str, import_name: str) -> Blueprint:
    """A blueprint under the address of one authority's notices, kept out of every cache."""
    pages = Blueprint(
        name,
        import_name,
        template_folder="../templates",
        url_prefix="/authorities/<authority>/notices",
    )
    pages.after_request(keep_out_of_caches)

    pages.register_error_handler(NoSuchNotice, not_found)
    pages.register_error_handler(Erased, not_found)
    pages.register_error_handler(AttachmentGone, not_found)

    return pages


def notice_id(text: str) -> str:
    """An id from an address; there is no page for what cannot be one."""
    return text if _ID.fullmatch(text) else abort(HTTPStatus.NOT_FOUND)


def read_reason(common: tuple[str, ...]) -> tuple[str, dict[str, str]]:
    """Why the one who asks opens a notice, or else what to change."""
    form = ReasonForm(common)
    try:
        reason: str = form.load(request.form)
    except ValidationError as error:
        return "", form.problems(error)
    return reason, {}


def form_token() -> str:
    """What tells this form from every other, from its first showing until it is sent."""
    token = request.form.get("form", "")
    return token if _FORM.fullmatch(token) else new_form_token()


def new_form_token() -> str:
    """That of a form which is to be sent besides one that was."""
    return secrets.token_urlsafe(16)


def home_of(node: Node, says: Said) -> PlacedIn | None:
    """The home that a notice names, as the directory has it; None where it names none."""
    if says.placement.urn is None:
        return None
    with reading(node.replica) as connection:
        return home_in_directory(connection, says.placement.urn)
