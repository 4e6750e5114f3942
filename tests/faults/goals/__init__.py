"""One attack on the send machine a function; ``tests.faults.chaos`` runs them all and writes the page of figures."""
