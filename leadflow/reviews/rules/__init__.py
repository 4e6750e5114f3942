"""Pure decisions: into which stratum of risk a decision falls, which are drawn, what an agreement rate is worth."""
