"""Programs that make files of this repository from other files of it."""
