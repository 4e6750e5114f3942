"""SQL of the map: places as a view shows them, runs of the geocoder."""
