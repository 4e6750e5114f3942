"""Campaigns: whom, why, what and how fast.

Owns: ``campaign``, ``campaign_step``, ``audience_member``, ``approval``, ``simulation``.
Promises: what was approved is what is launched (one hash); the audience is frozen in the transaction of the launch;
a launch happens once; a campaign is finished when every message is final, never because a cursor reached its end;
the numbers always add up to the audience. Knocked at by pages, API, CLI and ``workers.campaigns``.
"""
