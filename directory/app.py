"""A node's web application: what nodes say to each other, and the pages for people."""

from flask import Flask
from jinja2 import ChoiceLoader, PackageLoader, PrefixLoader

from directory.access import hold_to_table
from directory.api.application import serve_api
from directory.homes.views import homes_blueprint
from directory.web.error_pages import answer_errors
from directory.web.headers import send_security_headers
from directory.web.loopback import why_not_loopback
from federation import Node, node_blueprint


def create_app(node: Node) -> Flask:
    """The application of one node. It sets no cookie and holds no secret."""
    app = Flask("directory.web")
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.jinja_loader = ChoiceLoader(
        [
            PackageLoader("directory.web"),
            PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
        ]
    )
    app.register_blueprint(node_blueprint(node))
    app.register_blueprint(homes_blueprint(node))
    serve_api(app, node)

    hold_to_table(app)
    send_security_headers(app)
    answer_errors(app)

    @app.context_processor
    def _whose_page() -> dict[str, object]:
        if why_not_loopback():
            return {"node_name": None}
        served = [authority.name for authority in node.member.authorities]
        return {"node_name": node.name, "node_serves": served}

    return app
