"""What a provider's answer means, and how old a look-up may be. Pure."""
