"""Builders of rows that tests of several rooms share: one a table, each with a plain, valid default."""
