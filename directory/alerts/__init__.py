"""What there is to tell somebody: homes that changed where children live, and alerts by email."""
