"""Every table in which something is sealed is either about no child, or its words are in the export
for a subject access request.
"""

from collections.abc import Iterator

import msgspec
import pytest
from sqlalchemy import LargeBinary

from directory.database import node_metadata
from directory.privacy.subject_access.exporting import gather_all
from directory.privacy.subject_access.finding import Sought, find
from directory.security.rights.principal import operator
from federation import Node, writing
from tests.directory.one_child import AREA, BORN, NAMED, PLACING, SAYS, hold_everything
from tests.directory.worlds import two_served

WHY = "Request 2026/114"
NOT_EXPORTED = {
    "resident_asked": "initials alone, for 90 days: the child is found in no other way",
    "home_resident": "a provider's own list, of which the provider is the controller",
    "import_draft": "an hour, before anything is kept",
    "audit_row": "with each record, as who looked and why",
    "emergency_look": "its reason is in the audit row of the same look",
    "restriction": "its reason is in the audit row of the same change",
    "legal_hold": "why a record is kept, in the words of an inquiry",
}
NO_CHILD = frozenset(
    {
        *("alert_mail", "census_home", "diligence_file", "diligence_item", "document_asked"),
        *("document_asking", "full_document", "guide", "guide_picture", "handed_in"),
        *("handed_in_file", "held_record", "own_hand_in"),
        *("provider_draft", "provider_home", "saved_search", "shortlist", "statement_draft"),
        *("told_before", "unredacted", "handed_in", "handed_in_file", "diligence_file"),
    }
)
"""Where something else is sealed. Each telling that `told_before` noted says the same itself."""


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with two_served(tmp_path_factory.mktemp("node")) as made:
        hold_everything(made)
        yield made


def test_what_every_table_says_of_a_child_is_in_the_export(node: Node) -> None:
    root, said = operator("root"), ""
    for gss in (PLACING, AREA):
        with writing(node.node_db) as connection:
            found = find(connection, node, root, gss, Sought(NAMED[0], NAMED[1], BORN), WHY)
            records = [one.record.record for one in found]
            gathered = gather_all(connection, node, root, gss, records, WHY)
        said += msgspec.json.encode(gathered.said).decode()
    wanted = {table: word for table, word in SAYS.items() if table not in NOT_EXPORTED}
    assert not {table for table, word in wanted.items() if word not in said}


def test_a_new_table_with_something_sealed_is_said_to_be_of_a_child_or_not() -> None:
    sealed = {
        table.name
        for table in node_metadata.sorted_tables
        if any(
            isinstance(one.type, LargeBinary) and "sealed" in (one.comment or "")
            for one in table.columns
        )
    }
    assert sealed - NO_CHILD == SAYS.keys() | NOT_EXPORTED.keys()
    assert sealed >= NO_CHILD
