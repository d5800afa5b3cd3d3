"""Ofsted's list of registered providers: read with suspicion, kept, and answered from."""
