"""What is known of the country: its authorities, places and codes, its law and returns."""
