"""How long what a node holds is kept, what is due to be destroyed, and legal holds that stop it."""
