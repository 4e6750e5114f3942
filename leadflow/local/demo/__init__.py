"""The demonstration organisation: invented people at real places, made by the real services in the recent past.

``places`` and ``files`` write vendor files; ``carrier`` delivers texts inside this process; ``service`` tells the story
(members, imports, work on leads, campaigns in every state, conversations) and is all that the command line knows.
"""
