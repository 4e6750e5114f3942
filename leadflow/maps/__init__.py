"""Places of leads on a map.

Owns: ``zip_place``, ``geocode_run`` and ``geocode_run_property``. Promises: the map holds exactly the leads that the
list holds with the same filter, for the same caller; whoever has no place is counted, never left out silently; each
place says how exact it is, and a worse one never replaces a better one; no address leaves the house unless a person
with that right asked for it. Knocked at by the page, the API, the command line and the worker.
"""
