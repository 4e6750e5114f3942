"""Whose turn it is: one ordered queue of everybody who waits for the caller, and how the team keeps up.

Owns no table. Promises: nobody stands in the queue twice; whom the gate would refuse is not offered a text or a call.
Knocked at by the page *Today*, its focus mode, and the API.
"""
