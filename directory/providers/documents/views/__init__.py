"""The pages of full documents: to ask for one, to keep and give them, to see who asked."""
