"""Pure decisions: how a person may be written, what stays and why, how long each kind is kept, who may lift a hold."""
