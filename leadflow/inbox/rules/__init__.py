"""What a person's word on a conversation leads to, and what undoes it. Pure."""
