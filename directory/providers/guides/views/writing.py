"""The page on which a children's guide is written, by officers and by a provider's staff."""

from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from directory.providers.guides.pictures import LARGEST
from directory.providers.guides.presenters import shown
from directory.providers.guides.schemas import LONGEST, GuideForm
from directory.providers.guides.topics import TOPICS
from directory.providers.guides.views.handing_in import add_handing_in
from directory.providers.guides.views.links import add_links
from directory.providers.guides.views.page import address_of, back_to, guide_page
from directory.providers.guides.views.pictures import add_pictures
from directory.providers.guides.writing import save_guide
from directory.providers.statements.desks import require_at
from directory.providers.statements.views.common import PlaceOf, officers_place, staff_place
from directory.web.headers import keep_out_of_caches
from federation import Node, reading, writing

_MOST_WRITTEN = 64 * 1024 + 9 * LONGEST * len(TOPICS)


def guide_pages(node: Node) -> Blueprint:
    """The page, for officers."""
    pages = Blueprint(
        "guide",
        __name__,
        template_folder="../templates",
        url_prefix="/authorities/<authority>/statements/<urn>/guide",
    )
    return _add(pages, node, officers_place(node))


def our_guide_pages(node: Node) -> Blueprint:
    """The same for a provider's staff."""
    pages = Blueprint(
        "our_guide",
        __name__,
        template_folder="../templates",
        url_prefix="/our-homes/<claim>/guide",
    )
    add_handing_in(pages, node, staff_place(node))
    return _add(pages, node, staff_place(node))


def _add(pages: Blueprint, node: Node, place_of: PlaceOf) -> Blueprint:
    pages.after_request(keep_out_of_caches)

    @pages.url_value_preprocessor
    def _take_more(endpoint: str | None, _values: dict[str, object] | None) -> None:
        if endpoint == f"{pages.name}.page":
            request.max_content_length = _MOST_WRITTEN
        elif endpoint == f"{pages.name}.picture":
            request.max_content_length = LARGEST + 64 * 1024

    @pages.route("", methods=("GET", "POST"))
    def page(**named: str) -> ResponseReturnValue:
        place = place_of(**named)
        if request.method == "GET":
            return guide_page(node, place, {})
        form = GuideForm()
        try:
            said = form.load(request.form)
        except ValidationError as error:
            return guide_page(node, place, form.problems(error))
        with writing(node.node_db) as connection:
            save_guide(connection, node, g.who, place.desk, said)
        return back_to(place, "saved")

    @pages.get("/preview")
    def preview(**named: str) -> ResponseReturnValue:
        place = place_of(**named)
        with reading(node.node_db) as connection:
            require_at(connection, node, g.who, place.desk)
            said = shown(connection, node, place.desk)
        back = address_of(place, "page")
        return render_template(
            "guides/child.html", guide=said, pictures=f"{back}/pictures", back=back
        )

    add_pictures(pages, node, place_of)
    add_links(pages, node, place_of)
    return pages
