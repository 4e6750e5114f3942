"""Inbox: the conversations that people work, from the reply that came in to what became of it.

Owns who has a conversation, until when it is put off, what a person made of it, and the answers that are kept ready.
Messaging opens a conversation and files what comes in; whatever goes out from here is queued there and passes the same
gate as every other text. Promises that nothing done here lifts a suppression: an undo of one asks two people, as any
release does. The page and the API knock.
"""
