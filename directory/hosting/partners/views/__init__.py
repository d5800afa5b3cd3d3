"""The pages about partners: who they are, what each was told, and what a partner itself sees."""
