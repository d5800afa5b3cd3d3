"""The pictures of a children's guide: added, seen and removed by its writers."""

from http import HTTPStatus

from flask import Blueprint, Response, abort, g, request
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError
from werkzeug.exceptions import RequestEntityTooLarge

from directory.providers.guides import pictures as kept
from directory.providers.guides.errors import GuideError, UnfitPicture
from directory.providers.guides.schemas import PictureForm
from directory.providers.guides.views.page import back_to, guide_page
from directory.providers.statements.desks import require_at
from directory.providers.statements.views.common import PlaceOf
from federation import Node, reading, writing


def add_pictures(pages: Blueprint, node: Node, place_of: PlaceOf) -> None:
    """Add the routes to the pages of a guide."""

    @pages.errorhandler(RequestEntityTooLarge)
    def too_large(_error: RequestEntityTooLarge) -> ResponseReturnValue:
        said = f"The picture is larger than {kept.LARGEST // 1024**2} MB. Make it smaller"
        page, _ = guide_page(node, place_of(**request.view_args or {}), {"file": said})
        return page, HTTPStatus.REQUEST_ENTITY_TOO_LARGE

    @pages.post("/pictures")
    def picture(**named: str) -> ResponseReturnValue:
        place = place_of(**named)
        form = PictureForm()
        try:
            alt = form.load(request.form)
            sent = request.files.get("file")
            data = sent.stream.read(kept.LARGEST + 1) if sent else b""
            if not data:
                raise UnfitPicture("Choose a picture: a JPEG, PNG or WebP")
            with reading(node.node_db) as connection:
                require_at(connection, node, g.who, place.desk)
            kept.add_picture(node, g.who, place.desk, data, alt)
        except ValidationError as error:
            return guide_page(node, place, form.problems(error))
        except GuideError as error:
            return guide_page(node, place, {"file": str(error)})
        return back_to(place, "picture")

    @pages.get("/pictures/<picture>")
    def one_picture(picture: str, **named: str) -> ResponseReturnValue:
        place = place_of(**named)
        with reading(node.node_db) as connection:
            require_at(connection, node, g.who, place.desk)
            data = kept.open_picture(connection, node, place.desk, picture)
        return Response(data, mimetype="image/jpeg") if data else abort(HTTPStatus.NOT_FOUND)

    @pages.post("/pictures/<picture>/remove")
    def remove_picture(picture: str, **named: str) -> ResponseReturnValue:
        place = place_of(**named)
        with writing(node.node_db) as connection:
            kept.remove_picture(connection, node, g.who, place.desk, picture)
        return back_to(place, "removed")
