"""The register: who lives in the area today, placed there by others, and whom to call."""
