"""Files that come in: recognise, check without writing, write, and tell where each value came from.

Owns: import_batch, import_row, mapping_template, and the staging tables of an import while it lasts.
Promises: the verdicts add up to the file's rows; a reject says which row, which column and why; the same file twice
makes nothing; a commit that was killed goes on; a mark against contact is never undone by a file.
Who knocks: the import page, ``/api/v1/imports``, ``leadflow import``, and the two import jobs.
"""
