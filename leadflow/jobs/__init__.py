"""Background work as rows in Postgres.

Owns: ``job``, ``job_attempt``. Promises: a job commits with what it is for; it runs at least once unless cancelled,
under a lease with a fence, with the one retry policy; a lost ring costs seconds. Knocked at by every slice
(``enqueue``), by ``workers.job`` (``claim``, ``settle``) and by the scheduler (``due``, ``sweep``).
"""
