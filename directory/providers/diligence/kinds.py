"""What authorities ask of every provider, by code and by name. A check may carry a code that is not
in this list: it stands for itself.
"""

INSURANCE = {
    "public-liability-insurance": "Public liability insurance",
    "employers-liability-insurance": "Employers’ liability insurance",
    "professional-indemnity-insurance": "Professional indemnity insurance",
}
REGISTRATIONS = {
    "ofsted-registration": "Registration with Ofsted",
    "company-registration": "Registration as a company or charity",
    "data-protection-registration": "Registration with the Information Commissioner",
    "accreditation": "Accreditation",
    "financial-standing": "Accounts and financial standing",
}
POLICIES = {
    "safeguarding-policy": "Safeguarding policy",
    "safer-recruitment-policy": "Safer recruitment policy",
    "behaviour-policy": "Behaviour and restraint policy",
    "missing-children-policy": "Missing children policy",
    "complaints-policy": "Complaints policy",
    "whistleblowing-policy": "Whistleblowing policy",
    "data-protection-policy": "Data protection policy",
    "equality-policy": "Equality policy",
    "health-and-safety-policy": "Health and safety policy",
    "business-continuity-plan": "Business continuity plan",
    "modern-slavery-statement": "Modern slavery statement",
}
ANSWERS = {"framework-answers": "Answers to a framework’s questionnaire"}
KINDS = {**INSURANCE, **REGISTRATIONS, **POLICIES, **ANSWERS}
"""Every kind, in the order in which they are asked for."""


def called(kind: str) -> str:
    """What a kind is called; of one that is not in this list, the code itself."""
    return KINDS.get(kind, kind)
