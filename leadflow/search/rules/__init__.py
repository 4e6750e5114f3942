"""Pure decisions: what was asked, how close something comes to it, and where one can go."""
