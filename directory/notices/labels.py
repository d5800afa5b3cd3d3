"""What the codes in a notice are called on a page, and whom each contact stands for."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import get_args

from protocols.attachments import MediaType
from protocols.notices import Setting
from protocols.receipts import Reason

SETTINGS: Mapping[str, str] = MappingProxyType(
    {one: one[0].upper() + one[1:] for one in get_args(Setting)}
    | {"unregistered": "Unregistered address"}
)

# Children Act 1989.
LEGAL_STATUSES: Mapping[str, str] = MappingProxyType(
    {
        "section 20": "Section 20: accommodated by agreement",
        "section 21": "Section 21: police protection, detention or remand",
        "section 31": "Section 31: care order",
        "section 38": "Section 38: interim care order",
        "other": "Other",
    }
)

BY_TELEPHONE = "Nothing about this child is sent by itself any more. Tell them by telephone"
"""Why something waits no more: of a child who died. It is shown where no reason was asked."""

CONTACTS: Mapping[str, str] = MappingProxyType(
    {
        "social_worker": "Social worker",
        "out_of_hours": "Out of hours",
        "reviewing_officer": "Independent reviewing officer",
    }
)
"""The contacts of a notice, and what each of them is."""

DOCUMENTS: Mapping[str, str] = MappingProxyType(
    {
        "assessment_of_needs": "Assessment of needs",
        "why_most_suitable": "Why this placement is the most suitable",
        "care_plan": "Care plan",
    }
)

KINDS: Mapping[MediaType, str] = MappingProxyType(
    {
        "application/pdf": "PDF",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Word document",
        "image/jpeg": "JPEG picture",
        "image/png": "PNG picture",
    }
)

REFUSALS: Mapping[Reason, str] = MappingProxyType(
    {
        "malformed": "their node could not read it",
        "unknown-key": "it was sealed with a key that their node does not have",
        "bad-signature": "its signature is not ours",
        "not-for-us": "their node does not serve that authority",
        "wrong-sender": "their node does not take it from us",
        "expired": "it came too late: the clocks of the two nodes may differ",
        "id-reused": "their node holds another message under the same number",
        "unknown-schema": "their node’s software is too old to read it",
    }
)


def reference(notice: str) -> str:
    """What two people call a notice on the telephone: the beginning of its id, in two fours."""
    return f"{notice[:4]}\N{NO-BREAK SPACE}{notice[4:8]}".upper()
