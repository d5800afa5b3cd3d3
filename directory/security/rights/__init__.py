"""Who may do what, and with whose records: one table for pages, API and command line alike."""
