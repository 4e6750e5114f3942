"""One file a change: NNNN_<slice>_<change>.py."""
