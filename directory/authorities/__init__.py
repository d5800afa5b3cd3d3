"""Which authorities there are: the 153 of England that answer for children's services."""
