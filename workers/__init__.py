"""Door three, time: thin actors that call one service each."""
