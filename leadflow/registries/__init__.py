"""Do-not-call files: what a registry says of every number of an area code, kept small, asked for each of ours."""
