"""Who approves a placement elsewhere, what is recorded before, and consulting its area authority.

Care Planning, Placement and Case Review (England) Regulations 2010, regulation 11.
"""
