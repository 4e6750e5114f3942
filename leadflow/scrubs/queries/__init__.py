"""All SQL of look-up runs. A reader of any table, the only writer of ``scrub_run`` and ``scrub_run_number``."""
