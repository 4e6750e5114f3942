"""Mail to people who sign in: written in the transaction of the act, delivered by a worker."""
