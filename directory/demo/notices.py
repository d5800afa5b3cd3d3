"""A notice about nobody."""

from datetime import date

from protocols.notices import Child, Contact, Notice, Placement


def fictional_notice(reference: str = "DEMO-0001") -> Notice:
    """A notice about nobody: names and numbers are set aside for fiction."""
    worker = Contact("A. Sample", "Social worker", "01632 960100", "worker@example.org")
    return Notice(
        child=Child(reference, "Sample", "Child", date(2012, 5, 17)),
        placement=Placement("children's home", "1 Sample Street, Sampletown", date(2026, 1, 12)),
        social_worker=worker,
        out_of_hours=Contact("Emergency duty team", "Duty team", "01632 960101"),
        reviewing_officer=Contact("B. Sample", "Reviewing officer", "01632 960102"),
        legal_status="section 20",
        assessment_of_needs="Fictional assessment of needs.",
        why_most_suitable="Fictional reason why this placement is the most suitable.",
        care_plan="Fictional care plan.",
    )
