"""A children's guide and the asking for a full document, on a phone, by the rules of every page."""

from collections.abc import Iterator
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from directory.providers.documents.keeping import keep_document
from directory.security.rights.principal import operator
from directory.security.rights.roles import Role
from federation import Node, deliver_due
from tests.browser.rules import PHONE, check_both, check_width
from tests.browser.served import served
from tests.directory.documents import a_pdf
from tests.directory.post import Door
from tests.directory.worlds import KENT, a_home, consortium

URN = "SC100001"
GUIDE = f"/authorities/{KENT}/statements/{URN}/guide"


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    homes = {"kent-node": [a_home(URN, name="Rowan House")]}
    with consortium(tmp_path_factory.mktemp("guides"), homes) as one:
        yield one.reader


@pytest.fixture(scope="module")
def site(node: Node) -> Iterator[str]:
    with served(node, Role.COMMISSIONER) as address:
        yield address


def a_picture() -> bytes:
    file = BytesIO()
    Image.linear_gradient("L").resize((800, 600)).save(file, "PNG")
    return file.getvalue()


def test_a_guide_is_written_and_given_to_a_child(page: Page, browser: Browser, site: str) -> None:
    page.set_viewport_size(PHONE)
    page.goto(site + GUIDE)
    page.get_by_label("How we look after you").fill("We are opposite the park.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("leads to the home's door")
    check_both(page)
    page.get_by_label("How we look after you").fill("We cook with you.\nWe listen when you talk.")
    page.get_by_label("What help you can get").fill("A key worker helps you with school.")
    page.get_by_label("If something is wrong").fill("Tell any of us, or call.")
    page.get_by_label("Somebody on your side").fill("An advocate speaks for you. It is free.")
    for about, name in (("complaints", "The manager"), ("advocacy", "Speak Up")):
        page.locator(f"#{about}_name").fill(name)
        page.locator(f"#{about}_telephone").fill("01632 960111")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Last changed by Sam Sample")).to_be_visible()
    page.get_by_label("A picture").set_input_files(
        {"name": "kitchen.png", "mimeType": "image/png", "buffer": a_picture()}
    )
    page.get_by_label("What it shows").fill("The kitchen, with a long table")
    page.get_by_role("button", name="Add the picture").click()
    expect(page.get_by_role("alert")).to_contain_text("Look at the picture")
    page.get_by_label("A picture").set_input_files(
        {"name": "kitchen.png", "mimeType": "image/png", "buffer": a_picture()}
    )
    page.get_by_label("I have looked").check()
    page.get_by_role("button", name="Add the picture").click()
    expect(page.get_by_text("The picture is added")).to_be_visible()
    check_both(page)
    page.get_by_role("button", name="Make a link").click()
    check_both(page)
    link = page.locator(".app-guide__link").inner_text()
    page.goto(link)
    check_both(page)
    with browser.new_context(java_script_enabled=False, viewport=PHONE) as context:
        phone = context.new_page()
        phone.goto(link)
        check_width(phone)
        expect(phone.get_by_role("img", name="The kitchen, with a long table")).to_be_visible()
        loaded = phone.get_by_role("img").evaluate("one => one.naturalWidth")
        assert loaded == 800
        expect(phone.get_by_role("link", name="0800 1111")).to_have_attribute(
            "href", "tel:08001111"
        )


def test_a_full_document_is_asked_for_and_downloaded(page: Page, node: Node, site: str) -> None:
    page.set_viewport_size(PHONE)
    page.goto(f"{site}/homes/{URN}")
    page.get_by_role("link", name="Ask for the full statement of purpose").click()
    page.get_by_role("button", name="Ask Kent").click()
    expect(page.get_by_role("alert")).to_contain_text("Say why, in 5 to 400 characters")
    check_both(page)
    page.get_by_label("Why do you need it?").fill("A visit before a planned placement")
    page.get_by_role("button", name="Ask Kent").click()
    expect(page.get_by_text("On its way to Kent")).to_be_visible()
    keep_document(node, operator("ada"), KENT, URN, a_pdf())
    deliver_due(node, Door(node, node.member))
    deliver_due(node, Door(node, node.member))
    page.reload()
    check_both(page)
    with page.expect_download() as came:
        page.get_by_role("button", name="Download").click()
    assert came.value.suggested_filename == f"Statement of purpose {URN}.pdf"
    page.goto(f"{site}/authorities/{KENT}/documents/asked")
    expect(page.get_by_text("by the rule")).to_be_visible()
    check_both(page)
    page.goto(f"{site}/authorities/{KENT}/statements/{URN}/document")
    check_both(page)
