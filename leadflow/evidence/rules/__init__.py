"""How a pack is named, written down and summed up. Pure."""
