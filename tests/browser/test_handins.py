"""A provider's staff write what their home publishes and read what became of it: on a phone, by the
rules of every page, and without scripts.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import insert

from directory.providers.vouching.models import home_claim, provider_home
from directory.records.release.held import held_records
from directory.records.release.service import return_record
from directory.security.rights.principal import operator
from directory.security.rights.roles import Role
from federation import Node, reading, writing
from tests.browser.rules import PHONE, Look, check_both, check_width
from tests.browser.served import served
from tests.directory.worlds import KENT, NOW, a_home, consortium

URNS = ("SC100001", "SC100002")
HOMES = [a_home(urn, name=f"Rowan House {urn[-1]}") for urn in URNS]


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with consortium(tmp_path_factory.mktemp("handins"), {"kent-node": HOMES}) as one:
        said = {"through": KENT, "authority": KENT, "provider": "Acorn Care Ltd"}
        said |= {"state": "confirmed", "asked_by": "Kim", "asked_at": NOW}
        with writing(one.reader.node_db) as connection:
            for urn in URNS:
                claim = {**said, "urn": urn, "id": urn}
                connection.execute(insert(provider_home).values(claim))
                connection.execute(insert(home_claim).values({**claim, "number": urn}))
        yield one.reader


@pytest.fixture(scope="module")
def site(node: Node) -> Iterator[str]:
    with served(node, Role.PROVIDER) as address:
        yield address


def send_back(node: Node) -> None:
    who = operator("bea")
    with reading(node.node_db) as connection:
        (held,) = [
            one for one in held_records(connection, node, who, KENT) if one.returned_at is None
        ]
    with writing(node.node_db) as connection:
        return_record(connection, node, who, KENT, held.id, "Say whom the garden is for.")


def write(page: Page, node: Node, site: str, urn: str, look: Look) -> None:
    page.goto(f"{site}/our-homes")
    page.get_by_role("link", name=f"Write what members read of Rowan House {urn[-1]}").click()
    expect(page.get_by_text("Nothing handed in").first).to_be_visible()
    page.get_by_role("link", name="Write what the home offers").click()
    page.get_by_label("In the provider’s words").fill("A quiet house with a garden.")
    page.get_by_role("button", name="Save as a draft").click()
    expect(page.get_by_text("The draft is saved.")).to_be_visible()
    page.get_by_role("button", name="Hand in").click()
    expect(page.get_by_text("It stands on the page of this home")).to_be_visible()
    send_back(node)
    page.get_by_role("link", name="Back to this home").click()
    expect(page.get_by_text("Say whom the garden is for.").first).to_be_visible()
    look(page)
    page.get_by_role("link", name="Write the statement of purpose").click()
    page.get_by_role("link", name="Location").click()
    page.get_by_label("What the statement says").fill("A calm place with buses to town.")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("button", name="Hand in for release").click()
    expect(page.get_by_role("alert")).to_contain_text("cannot be handed in yet")
    page.goto(f"{site}/our-homes")
    expect(page.get_by_text("Returned").first).to_be_visible()
    look(page)


def test_what_a_home_publishes_is_written_by_its_own_staff_on_a_phone(
    page: Page, node: Node, site: str
) -> None:
    page.set_viewport_size(PHONE)
    write(page, node, site, URNS[0], check_both)


@pytest.mark.soak
def test_what_a_home_publishes_is_written_by_its_own_staff_without_scripts(
    browser: Browser, node: Node, site: str
) -> None:
    with browser.new_context(java_script_enabled=False, viewport=PHONE) as context:
        write(context.new_page(), node, site, URNS[1], check_width)
