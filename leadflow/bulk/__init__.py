"""Edits of many leads at once: preview, carry out with progress, say what became of each, take back.

Owns: bulk_edit, bulk_entry.
Promises: the leads are written down once, when the edit begins; each is changed by the same code as a single one; a
killed edit goes on where it stopped; an undo gives back what the edit changed, except where somebody changed it since.
"""
