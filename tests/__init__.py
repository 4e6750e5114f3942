"""Tests, by slice; journeys, faults and attacks in folders of their own."""
