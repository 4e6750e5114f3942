"""Look-ups of numbers at a provider: do-not-call registries, litigators, reassigned numbers.

Owns: ``scrub_run`` and ``scrub_run_number``. Promises: a price is told before it is paid; the budget holds however many
runs start at once; a number is asked at most once a run, so that a crash never pays an answer twice; what a provider
did not clearly answer stays unknown, and unknown is never clean. Results go into the gate by ``compliance.service``
alone. Knocked at by the page, the API, the command line and the worker.
"""
