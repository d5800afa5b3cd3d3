"""Due diligence once: what a provider gives, what an authority has checked, and until when."""
