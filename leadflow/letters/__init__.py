"""Letters: mailing lists of people whom a text must not or cannot reach.

Mail needs no consent, so it is what remains for an audience that the gate has refused. Owns the lists that were made
and their bytes. Promises that nobody gets two letters at one address, that nobody who died, who asked for no mail or
for no contact at all gets one, and that every list is on record with its question and its counts.
"""
