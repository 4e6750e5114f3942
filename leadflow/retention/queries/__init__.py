"""All SQL of the room: whom it is about, what goes, the sweep of free text, holds, and what has grown too old."""
