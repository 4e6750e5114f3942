"""The verifier that ships inside every evidence pack; it imports nothing of LeadFlow, and nothing here imports it."""
