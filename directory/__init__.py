"""What people use: homes, providers, notices, search, screens and the command line."""
