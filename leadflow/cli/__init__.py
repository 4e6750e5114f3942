"""Door four: commands. Each reads its arguments, asks one service, and prints the answer for people or for scripts.

With ``--json`` a command writes exactly one JSON document, or JSON lines, to standard output and nothing else there;
progress goes to standard error, and failure is an exit code other than zero with a JSON error.
"""
