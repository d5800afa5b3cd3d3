"""The pages of approvals, and of consultations at the area authority."""
