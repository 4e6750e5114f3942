"""The vault: every table and every term. Holds no logic and knows nothing of ours above it."""
