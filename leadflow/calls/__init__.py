"""Calls: the attempt to speak with somebody, cleared by the same gate as a text, and what came of it.

Owns the call log. A call is placed only with the gate's permission of that very moment and counts as a contact from
then on; its outcome feeds the number's state, suppressions, follow-ups and the timeline. The lead, the inbox and the
API knock.
"""
