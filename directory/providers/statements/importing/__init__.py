"""A statement of purpose that exists as a file: its sections found, for a person to go through."""
