"""A second look at what the gate decided: samples drawn by risk, judged by a person, signed and chained.

Owns: ``review_draw``, ``review``. Promises: a sample can be drawn again from its seed; every stratum of risk is in it;
nobody judges what they caused; a sign-off is HMAC over every judgement, kept on the draw and written into the record,
so that neither can be changed without the other telling. Knocked at by the doors.
"""
