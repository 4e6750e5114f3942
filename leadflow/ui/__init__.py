"""The design system: shell, parts, the guarded handler decorator and the build of the page.

Owns how things look and behave on every page. Knows Reflex; knows no slice but identity (who is asking).
Promises: no address outside our own host, no identity in a Reflex state, no handler without a permission.
"""
