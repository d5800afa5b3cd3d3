"""Files that go with a notice: which may, what each is by its content, and how they are kept."""
