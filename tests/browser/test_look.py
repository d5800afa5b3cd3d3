"""The style sheet and script do their work under the strictest content security policy."""

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import jinja2
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

STATIC = Path(__file__).parents[2] / "directory" / "web" / "static"

TEMPLATE = """
{%- from "govuk_frontend_jinja/components/generic-header/macro.html" import govukGenericHeader -%}
{%- from "govuk_frontend_jinja/components/service-navigation/macro.html"
  import govukServiceNavigation -%}
{%- from "govuk_frontend_jinja/components/character-count/macro.html"
  import govukCharacterCount -%}
{%- from "govuk_frontend_jinja/components/error-summary/macro.html" import govukErrorSummary -%}
{%- from "govuk_frontend_jinja/components/notification-banner/macro.html"
  import govukNotificationBanner -%}
{%- from "govuk_frontend_jinja/components/button/macro.html" import govukButton -%}
<!doctype html>
<html lang="en" class="govuk-template">
  <head>
    <meta charset="utf-8">
    <title>Homes - Commonhearth</title>
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <link rel="icon" href="/favicon.svg" type="image/svg+xml">
    <link rel="stylesheet" href="/commonhearth.css">
    <script type="module" src="/init.js"></script>
  </head>
  <body class="govuk-template__body">
    <header>
      {{ govukGenericHeader({"logoText": "Commonhearth"}) }}
      {{ govukServiceNavigation({"navigation": [
        {"text": "Homes", "href": "/", "active": true}, {"text": "Referrals", "href": "/"}]}) }}
    </header>
    <div class="govuk-width-container">
      <main class="govuk-main-wrapper" id="main-content">
        {{ govukErrorSummary({"titleText": "There is a problem",
          "errorList": [{"text": "Enter the reason", "href": "#reason"}]}) }}
        <h1 class="govuk-heading-xl">Ask for a home's address</h1>
        {{ govukNotificationBanner({"text": "The home is shown by its district."}) }}
        {{ govukCharacterCount({"id": "reason", "name": "reason", "maxlength": 200,
          "label": {"text": "Why do you need it?"}}) }}
        {{ govukButton({"text": "Ask"}) }}
        <p class="govuk-body"><a class="govuk-link" href="/">All homes</a></p>
      </main>
    </div>
    <footer class="govuk-footer"><div class="govuk-width-container">
      <p class="govuk-body-s">Served by the county council</p></div></footer>
  </body>
</html>
"""


class _Site(SimpleHTTPRequestHandler):
    page = b""

    def do_GET(self) -> None:
        if self.path != "/":
            return super().do_GET()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Security-Policy", "default-src 'self'")
        self.end_headers()
        self.wfile.write(self.page)
        return None

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    loader = jinja2.PackageLoader("govuk_frontend_jinja")
    environment = jinja2.Environment(
        loader=jinja2.PrefixLoader({"govuk_frontend_jinja": loader}), autoescape=True
    )
    _Site.page = environment.from_string(TEMPLATE).render().encode()
    handler = partial(_Site, directory=str(STATIC))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_pages_work_under_a_strict_policy(site: str, page: Page) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("requestfailed", lambda request: complaints.append(request.url))
    page.goto(site)
    page.get_by_label("Why do you need it?").fill("x" * 150)
    page.get_by_text("You have 50 characters remaining").first.wait_for()
    header = page.locator(".govuk-generic-header")
    assert header.evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(107, 51, 32)"
    assert complaints == []


def test_pages_work_without_javascript(site: str, new_context) -> None:
    page = new_context(java_script_enabled=False).new_page()
    page.goto(site)
    page.get_by_text("You can enter up to 200 characters").wait_for()
    assert page.get_by_role("link", name="Referrals").is_visible()


def test_colours_and_parts_pass_the_accessibility_rules(site: str, page: Page) -> None:
    page.goto(site)
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


def test_the_browser_reaches_nothing_elsewhere(site: str, page: Page) -> None:
    for elsewhere in ("https://example.org/", "http://192.0.2.1/"):
        with pytest.raises(Exception, match="ERR_NAME_NOT_RESOLVED"):
            page.goto(elsewhere)
