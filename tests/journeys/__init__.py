"""The whole main job, from the file to the proof, by every door."""
