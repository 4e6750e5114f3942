"""The one-machine runner: embedded Postgres and Redis, the process supervisor, the built page, demo data.

It owns the data folder and every process that ``leadflow up`` starts. It promises that nothing listens outside
127.0.0.1, that no child outlives it, and that only ``make clean-data`` removes data. The command line and the tests
knock here; nothing in a room may.
"""
