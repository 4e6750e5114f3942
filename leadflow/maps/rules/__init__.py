"""Decisions of the map. Pure: ``views`` joins leads to marks and names areas, ``answers`` reads a geocoder's reply."""

from leadflow.maps.rules.views import (
    FEW,
    around,
    cells,
    counties,
    counties_like,
    fine_shift,
    in_words,
    shift,
    spots,
    view,
)

__all__ = ["FEW", "around", "cells", "counties", "counties_like", "fine_shift", "in_words", "shift", "spots", "view"]
