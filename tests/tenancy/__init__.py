"""Two walls between organisations, each shown to hold with the other taken away."""
