"""Where may a person be? Area code, property, mailing and billing state, each as every zone it may mean.

The tables ship with the program (``data/``; NOTICE.md there says where they come from) and are read once. What is
not in a table is unknown, never guessed: toll-free and foreign numbers have no place.
"""

from __future__ import annotations

import csv
import gzip
import io
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from leadflow.compliance.types import Located, Place

_AREA_CODE = slice(2, 5)
_US_LENGTH = 12


class Zip(NamedTuple):
    """What is known of one ZIP code."""

    state: str
    county_fips: str
    """Five digits; empty where the source has none."""
    latitude: float
    longitude: float
    zones: tuple[str, ...]


def places(
    e164: str | None,
    zip5: str | None,
    property_state: str | None,
    mailing_state: str | None,
    billing_state: str | None = None,
) -> frozenset[Place] | None:
    """Unite every place that the hints allow; None when the number or any given hint is unknown.

    Args:
        e164: the number; without a known area code there is no answer.
        zip5: the property's ZIP; one that no table knows is read as its state.
        property_state: used where the ZIP is absent or unknown.
        mailing_state: where the person's mail goes; every zone of it counts.
        billing_state: where the person is billed; likewise.
    """
    return _united(_area_of(e164), zip5, property_state, mailing_state, billing_state)


@lru_cache(maxsize=262_144)
def _united(
    area: str | None, zip5: str | None, property_state: str | None, mailing_state: str | None, billing_state: str | None
) -> frozenset[Place] | None:
    """Unite by area code, so that an audience of one county shares a few answers."""
    by_number = None if area is None else _area_codes().get(area)
    by_property = _by_property(zip5, property_state)
    by_mail, by_bill = _by_state(mailing_state), _by_state(billing_state)
    if not by_number or by_property is None or by_mail is None or by_bill is None:
        return None
    return by_number | by_property | by_mail | by_bill


def located(
    e164: str | None,
    zip5: str | None,
    property_state: str | None,
    mailing_state: str | None,
    billing_state: str | None = None,
) -> tuple[Located, ...]:
    """List each place with the hint it comes from; for people, in the order number, property, mail, bill."""
    hints = (
        ("area_code", _by_number(e164)),
        ("property", _by_property(zip5, property_state)),
        ("mailing", _by_state(mailing_state)),
        ("billing", _by_state(billing_state)),
    )
    return tuple(Located(source, place) for source, found in hints for place in sorted(found or ()))


def zip_code(zip5: str) -> Zip | None:
    """Look a ZIP up; None for one that is unknown or military."""
    return _zips().get(zip5)


def states() -> frozenset[str]:
    """List every state and territory that has a place."""
    return frozenset(_states())


def _area_of(e164: str | None) -> str | None:
    if e164 is None or len(e164) != _US_LENGTH or not e164.startswith("+1"):
        return None
    return e164[_AREA_CODE]


def _by_number(e164: str | None) -> frozenset[Place] | None:
    area = _area_of(e164)
    return None if area is None else _area_codes().get(area)


def _by_property(zip5: str | None, state: str | None) -> frozenset[Place] | None:
    if not zip5:
        return _by_state(state)
    found = _zip_places().get(zip5)
    return found if found is not None or not state else _by_state(state)


def _by_state(state: str | None) -> frozenset[Place] | None:
    return _states().get(state) if state else frozenset()


def _table(name: str) -> csv.DictReader[str]:
    raw = files("leadflow.compliance").joinpath("data", name).read_bytes()
    text = gzip.decompress(raw) if name.endswith(".gz") else raw
    return csv.DictReader(io.StringIO(text.decode()))


def _set(state: str, zones: str) -> frozenset[Place]:
    return frozenset(Place(state, zone) for zone in zones.split("|"))


@lru_cache(maxsize=1)
def _area_codes() -> dict[str, frozenset[Place]]:
    return {row["area_code"]: _set(row["state"], row["zones"]) for row in _table("area_codes.csv")}


@lru_cache(maxsize=1)
def _states() -> dict[str, frozenset[Place]]:
    return {row["state"]: _set(row["state"], row["zones"]) for row in _table("state_zones.csv")}


@lru_cache(maxsize=1)
def _zips() -> dict[str, Zip]:
    return {
        row["zip"]: Zip(
            row["state"], row["county_fips"], float(row["lat"]), float(row["lon"]), tuple(row["zones"].split("|"))
        )
        for row in _table("zips.csv.gz")
    }


@lru_cache(maxsize=1)
def _zip_places() -> dict[str, frozenset[Place]]:
    shared: dict[tuple[str, tuple[str, ...]], frozenset[Place]] = {}
    return {
        code: shared.setdefault((known.state, known.zones), frozenset(Place(known.state, zone) for zone in known.zones))
        for code, known in _zips().items()
    }
