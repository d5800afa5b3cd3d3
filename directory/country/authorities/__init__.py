"""Which authorities there are in the United Kingdom, today and before."""
