"""SQL of campaigns: ``drafts`` (until the launch), ``course`` (afterwards), ``stops``, ``snippets``."""
