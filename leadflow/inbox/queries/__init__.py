"""SQL of the inbox."""
