"""Each heavy job measured in one run: a figure, a ratio, its floor and its goal."""
