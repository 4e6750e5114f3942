"""The gate: may this person be contacted, here, now, on this ground?

Owns consent, suppressions, scrub results, rule packs and decisions. Promises: one pure function decides for a
list column, a simulation and a send alike; not knowing is never permission; every answer that let a text go,
or stopped one, is a row with its inputs, rules and their sources. Nothing else can make a ``Cleared``, and
the carriers' port takes nothing else. Every way of saying "do not contact" enters through ``service``.

Who knocks: ``messaging`` (clear, opt_out, classify), ``campaigns`` and ``leads`` (assess), ``imports``
(suppress_many, record_consents, record_scrubs), the compliance page, its API and the command line.
"""
