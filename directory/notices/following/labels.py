"""What the codes of what follows a notice are called on a page."""

from collections.abc import Mapping
from types import MappingProxyType

from directory.notices.labels import CONTACTS, DOCUMENTS

YES_OR_NO: Mapping[str, str] = MappingProxyType({"yes": "Yes", "no": "No"})
ANSWERED: Mapping[str, str] = MappingProxyType(
    {"yes": "Yes: nobody reads it any more, and no copy is left", "no": "No, not yet"}
)
CHANGES: Mapping[str, str] = MappingProxyType(
    {
        "change": "It has changed: it is different from a day on",
        "correction": "The notice was wrong: it was never so",
    }
)
ENDED_BY: Mapping[str, str] = MappingProxyType(
    {
        "placing authority": "The placing authority",
        "home or carer": "The home or carer",
        "child or family": "The child or the family",
        "court": "A court",
        "nobody": "Nobody",
    }
)
ENDED_FOR: Mapping[str, str] = MappingProxyType(
    {
        "care plan": "As the care plan has it",
        "returned home": "Returned home",
        "turned 18": "Turned 18",
        "child asked": "The child asked for it",
        "behaviour": "The home or carer asked, because of the child’s behaviour",
        "other request of the home": "The home or carer asked, for another reason",
        "placing authority asked": "The placing authority asked",
        "standards of care": "Standards of care",
        "allegation": "An allegation",
        "home closed": "The home closed",
        "custody": "Custody",
        "other": "Another reason",
    }
)
WHY_ENDS: Mapping[str, str] = MappingProxyType({"died": "The child died", **ENDED_FOR})
"""What may be said here; no message says the first: see `directory.notices.died`."""
WITHDRAWN_FOR: Mapping[str, str] = MappingProxyType(
    {
        "wrong authority": "It went to the wrong authority",
        "wrong child": "It was about another child",
        "sent twice": "It was sent twice",
        "placement fell through": "The placement did not come about",
    }
)
KINDS: Mapping[str, str] = MappingProxyType(
    {
        "placement-change/1": "Change",
        "placement-ending/1": "Ending",
        "withdrawal/1": "Withdrawal",
        "withdrawal-answer/1": "Answer to the withdrawal",
        "question/1": "Question",
        "answer/1": "Answer",
    }
)
CHANGE_KINDS: Mapping[str, str] = MappingProxyType(
    {"change": "Changed", "extension": "Extended", "correction": "Corrected"}
)
MEMBERS: Mapping[str, str] = MappingProxyType(
    {
        "child": "The child",
        "placement": "The placement",
        "legal_status": "Legal status",
        "expected_end": "Expected end",
        **CONTACTS,
        **DOCUMENTS,
    }
)
"""The members of a notice that a change may give anew."""
