"""The pages to which somebody goes, and to whom each is of use. To add a page: one entry."""

from dataclasses import dataclass
from enum import StrEnum

from directory.security.rights.roles import Role
from directory.security.rights.table import Action


class Part(StrEnum):
    """A part of the start page."""

    FINDING = "Homes"
    NOTICES = "Notices of placements"
    HOMES = "Your homes"
    SAYING = "What the directory says"
    LOOKING_AFTER = "Look after"


_EVERYBODY = frozenset(Role)
_AUTHORITIES = _EVERYBODY - {Role.NOBODY, Role.PROVIDER}


@dataclass(frozen=True, slots=True)
class Entry:
    """A page to go to, and the action that it is for. It is of use `to` these roles, and stands
    `on_top` of every page for those.

    Where the action is on one authority's records, the page's address carries `<authority>`.
    """

    text: str
    endpoint: str
    action: Action
    part: Part
    hint: str
    on_top: frozenset[Role] = frozenset()
    to: frozenset[Role] = _EVERYBODY
    below: frozenset[str] = frozenset()
    """Blueprints of pages that stand below it: there it is marked, too."""


_PLACING = frozenset({Role.COMMISSIONER, Role.DUTY_OFFICER})
ENTRIES = (
    Entry(
        "Find a home",
        "homes.search_page",
        Action.FIND_HOMES,
        Part.FINDING,
        "Every home in the country that a member has published.",
        on_top=_AUTHORITIES,
        to=_AUTHORITIES,
    ),
    Entry(
        "Saved searches",
        "searches.every",
        Action.SAVE_SEARCHES,
        Part.FINDING,
        "What is new, changed or closed among the homes that they find.",
    ),
    Entry(
        "Match",
        "matching.form",
        Action.MATCH_HOMES,
        Part.FINDING,
        "Hold every home against what one child needs, without naming the child.",
        on_top=_PLACING,
        to=_PLACING,
    ),
    Entry(
        "Shortlists",
        "shortlists.every",
        Action.LIST_SHORTLISTS,
        Part.FINDING,
        "Homes side by side, and the decision with what was known.",
        on_top=frozenset({Role.COMMISSIONER}),
    ),
    Entry(
        "Changes of homes",
        "changes.inbox",
        Action.LIST_CHANGES,
        Part.FINDING,
        "What each list of Ofsted’s has changed: closed homes first.",
    ),
    Entry(
        "Changed homes where our children live",
        "lived_in.placing",
        Action.SEE_CHANGES_WHERE_PLACED,
        Part.FINDING,
        "Closed, judged anew, or run by somebody else: of homes in which you have placed a child.",
    ),
    Entry(
        "Changed homes where children live in our area",
        "lived_in.area",
        Action.SEE_CHANGES_WHERE_TOLD,
        Part.FINDING,
        "Of homes of your area, by the notices that you received and what the homes say.",
    ),
    Entry(
        "Placements",
        "placements.listing",
        Action.LIST_PLACEMENTS,
        Part.NOTICES,
        "Where your children are, who has to be told of it, and what is due.",
        on_top=frozenset({Role.COMMISSIONER, Role.NOMINATED_OFFICER, Role.DIRECTOR}),
    ),
    Entry(
        "Notices received",
        "inbox.page",
        Action.LIST_RECEIVED_NOTICES,
        Part.NOTICES,
        "Children whom others have placed in your area.",
        on_top=frozenset({Role.DUTY_OFFICER}),
    ),
    Entry(
        "Partners not reached",
        "partners_told.not_reached",
        Action.LIST_RECEIVED_NOTICES,
        Part.NOTICES,
        "School, health or police who do not know yet of a child placed in your area.",
    ),
    Entry(
        "Told to us as a partner",
        "told_to_us.listing",
        Action.LIST_TOLD_TO_US,
        Part.NOTICES,
        "What the authorities of other areas have told you, sealed.",
    ),
    Entry(
        "Register",
        "register.enter",
        Action.READ_REGISTERS,
        Part.NOTICES,
        "Who lives in your area today, whom to call, and a missing child found in seconds.",
        on_top=frozenset({Role.DUTY_OFFICER}),
    ),
    Entry(
        "Census of homes",
        "census.every",
        Action.HOLD_CENSUS,
        Part.NOTICES,
        "Ask every home in your area how many live there, and set it against the register.",
    ),
    Entry(
        "What homes say",
        "home_notices.listing",
        Action.LIST_RECEIVED_NOTICES,
        Part.NOTICES,
        "Who lives in your area’s homes, beside the notices: where one tells and one does not.",
    ),
    Entry(
        "Restricted records",
        "restricting.every",
        Action.SEE_RESTRICTIONS,
        Part.NOTICES,
        "Which only named people may open, and whom to ask.",
    ),
    Entry(
        "Open in an emergency",
        "emergencies.open_one",
        Action.BREAK_GLASS,
        Part.NOTICES,
        "A child is at risk now, and you may not open the record: it is told and reviewed.",
    ),
    Entry(
        "Opened in an emergency",
        "emergencies.reviews",
        Action.REVIEW_EMERGENCIES,
        Part.NOTICES,
        "Each look is reviewed on the next working day, and closed with a finding.",
        on_top=frozenset({Role.DUTY_LEAD}),
    ),
    Entry(
        "Consultations",
        "consulted.listing",
        Action.LIST_RECEIVED_NOTICES,
        Part.NOTICES,
        "Authorities that would place a child at a distance, in your area, ask you first.",
    ),
    Entry(
        "Notices sent",
        "notices_sent.listing",
        Action.LIST_SENT_NOTICES,
        Part.NOTICES,
        "Whether each was delivered and acknowledged, and whom to call.",
        on_top=frozenset({Role.COMMISSIONER}),
    ),
    Entry(
        "Send a notice",
        "notices_sent.new",
        Action.SEND_NOTICES,
        Part.NOTICES,
        "Tell an authority that you place a child in its area.",
    ),
    Entry(
        "Notices that others ask for",
        "placements_asked.listing",
        Action.LIST_SENT_NOTICES,
        Part.NOTICES,
        "A home says that a child of yours lives there, and no notice has come.",
    ),
    Entry(
        "How notices are kept to",
        "compliance.page",
        Action.SEE_COMPLIANCE,
        Part.NOTICES,
        "In time, late and acknowledged by quarter; where the other side counts otherwise.",
    ),
    Entry(
        "Homes without a notice",
        "silent.page",
        Action.LIST_RECEIVED_NOTICES,
        Part.NOTICES,
        "Homes of your area with places, of which nobody has told for a year.",
    ),
    Entry(
        "Reconcile a return",
        "reconciling.page",
        Action.RECONCILE_RETURNS,
        Part.NOTICES,
        "Hold an SSDA903 return against the notices sent: whose area was never told.",
    ),
    Entry(
        "Notices gone astray",
        "breaches.listing",
        Action.SEE_BREACHES,
        Part.NOTICES,
        "Who opened each, whether it is contained, and reported or why not.",
        on_top=frozenset({Role.GOVERNANCE_OFFICER}),
    ),
    Entry(
        "Still to tell",
        "telling.overview",
        Action.LIST_PLACEMENTS,
        Part.NOTICES,
        "Of each placement, who has not been told yet, and by when they have to be.",
    ),
    Entry(
        "Our homes",
        "our_homes.page",
        Action.WORK_FOR_PROVIDER,
        Part.HOMES,
        "All of them, wherever they stand, and what became of each claim.",
        on_top=frozenset({Role.PROVIDER}),
        below=frozenset(
            (
                *("our_home", "our_profile", "our_statement", "our_statement_file", "our_guide"),
                *("our_document", "our_documents", "our_residents", "our_census", "our_diligence"),
            )
        ),
    ),
    Entry(
        "Vacancies",
        "our_vacancies.page",
        Action.SAY_VACANCIES,
        Part.HOMES,
        "Which homes have a bed. Commissioners see it, and no other provider.",
        on_top=frozenset({Role.PROVIDER}),
    ),
    Entry(
        "Due diligence",
        "our_diligence.page",
        Action.GIVE_DILIGENCE,
        Part.HOMES,
        "Insurance, registrations and policies: given once, checked once.",
    ),
    Entry(
        "What authorities want",
        "commissioning.overview",
        Action.FIND_HOMES,
        Part.SAYING,
        "Contacts, frameworks with their closing days, plans, and demand in totals.",
        on_top=frozenset({Role.PROVIDER}),
    ),
    Entry(
        "Statements of purpose",
        "statements.listing",
        Action.WRITE_STATEMENTS,
        Part.SAYING,
        "Write them, or fill them in from a file; reviews and the 28-day duty.",
    ),
    Entry(
        "Documents asked for",
        "documents.listing",
        Action.LIST_DOCUMENTS_ASKED,
        Part.FINDING,
        "Full statements of purpose, with the address: asked for with a reason, here for 14 days.",
    ),
    Entry(
        "Who asked for documents",
        "documents_asked.asked",
        Action.KEEP_DOCUMENTS,
        Part.SAYING,
        "The full documents of your area’s homes: who asked, who was given one, who waits.",
    ),
    Entry(
        "Handed in by providers",
        "handed_in.waiting",
        Action.KEEP_DOCUMENTS,
        Part.SAYING,
        "Children’s guides and full documents of your area’s homes: accept each, or return it.",
    ),
    Entry(
        "Waiting for release",
        "releases.waiting",
        Action.LIST_RELEASES,
        Part.SAYING,
        "New words, which a second person reads before they are published.",
    ),
    Entry(
        "Providers",
        "providers.everyone",
        Action.MANAGE_PROVIDERS,
        Part.LOOKING_AFTER,
        "Invite their staff, and confirm which homes they run.",
        on_top=frozenset({Role.AUTHORITY_ADMINISTRATOR}),
    ),
    Entry(
        "Due diligence",
        "diligence_checks.page",
        Action.CHECK_DILIGENCE,
        Part.LOOKING_AFTER,
        "Check what providers gave, once for all authorities; see what others found.",
    ),
    Entry(
        "People",
        "people.everyone",
        Action.MANAGE_PEOPLE,
        Part.LOOKING_AFTER,
        "Accounts and their roles.",
        on_top=frozenset({Role.AUTHORITY_ADMINISTRATOR, Role.NODE_ADMINISTRATOR}),
    ),
    Entry(
        "Partners",
        "partners.every",
        Action.KEEP_PARTNERS,
        Part.LOOKING_AFTER,
        "Who is told when a notice comes: school, health, police; and what each may see.",
        on_top=frozenset({Role.DUTY_LEAD}),
    ),
    Entry(
        "Audit",
        "audit.rows",
        Action.READ_AUDIT,
        Part.LOOKING_AFTER,
        "Who looked at which record, when and why.",
        on_top=frozenset({Role.GOVERNANCE_OFFICER}),
    ),
    Entry(
        "Retention",
        "retention.overview",
        Action.SEE_RETENTION,
        Part.LOOKING_AFTER,
        "What is kept how long, what is due, and legal holds.",
        on_top=frozenset({Role.GOVERNANCE_OFFICER}),
    ),
    Entry(
        "Subject access",
        "subject_access.look",
        Action.EXPORT_SUBJECT,
        Part.LOOKING_AFTER,
        "All that is held here about one child, for who asks.",
    ),
    Entry(
        "Node",
        "status.overview",
        Action.SEE_NODE,
        Part.LOOKING_AFTER,
        "How this node and its peers are.",
        on_top=frozenset({Role.NODE_ADMINISTRATOR}),
    ),
)
