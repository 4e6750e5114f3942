"""Pure decisions of messaging: the state machine, the carrier's codes, segments, merge fields, reconciliation, rate."""
