"""Duplicates: which records may be one, making two of them one, and taking that back.

Owns the pairs that a search proposed, every merge with each row that it changed, and the table of who is now whom.
Promises that a search ends in bounded time and memory and says what it left out; that a pair of which somebody said
"these are two" is never proposed again; that a merge leaves nothing behind at the record that goes, is never looser
about whom we may contact than either of the two was, lets nobody get a second text of a campaign, and is taken back row
for row. Receipts and the record of acts are not touched: they go on naming the record that is gone, and
``merged_record`` says who it is today. A merge writes rows of every room, which no other room may; what happens to each
is decided in ``rules.references``, and a table about which nothing is decided fails a test.

Who knocks: the page of duplicates, the lead's drawer, the API, the command line, and imports by a job after their
commit.
"""
