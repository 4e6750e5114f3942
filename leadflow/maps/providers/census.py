"""The Census Bureau's batch geocoder: no key, no price, no promise.

Source: geocoding.geo.census.gov/geocoder/Geocoding_Services_API.pdf, "Batch geocoding". The reply has no header, keeps
no order, is short where nothing matched, and is a page of HTML where something broke. The bureau knows address ranges
of streets, not buildings: every place is reckoned between two corners.
"""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Sequence
from datetime import timedelta

import httpx

from leadflow.kernel.breaker import Breaker, Shut
from leadflow.maps.rules.answers import read
from leadflow.maps.types import Address, Answered, Outcome, Refused, Unanswered

BENCHMARK = "Public_AR_Current"
"""The bureau's present address ranges."""
TOTAL_S = 240.0
"""One call ends by then: a thousand addresses take the bureau a minute or two."""
BACK_OFF = timedelta(seconds=30)
LONGEST_BACK_OFF = timedelta(minutes=10)


class CensusGeocoder:
    """Asks the batch interface.

    Args:
        base_url: no slash at the end.
        circuit: the breaker before this address.
        total_s: deadline of one call in seconds.
    """

    name = "US Census Bureau"
    at_once = 1_000
    """The bureau takes 10,000; fewer are asked again when an answer is lost. Own choice."""

    def __init__(self, base_url: str, circuit: Breaker, *, total_s: float = TOTAL_S) -> None:
        self._base_url, self._circuit, self._total_s = base_url, circuit, total_s

    def ask(self, asked: Sequence[Address]) -> Outcome:
        """Ask where addresses are; ids of ours stay here, rows go by their number."""
        return asyncio.run(self._ask(asked))

    async def _ask(self, asked: Sequence[Address]) -> Outcome:
        files = {"addressFile": ("addresses.csv", _written(asked), "text/csv")}
        try:
            async with self._circuit.calling() as passing:
                passing.bad()
                async with (
                    asyncio.timeout(self._total_s),
                    httpx.AsyncClient(base_url=self._base_url, timeout=self._total_s) as client,
                ):
                    answer = await client.post(
                        "/geocoder/locations/addressbatch", data={"benchmark": BENCHMARK}, files=files
                    )
                if answer.status_code < 500:  # noqa: PLR2004 HTTP's server errors
                    passing.good()
        except Shut as shut:
            return Unanswered(timedelta(seconds=max(1.0, shut.wait_s)), "it failed too often")
        except (httpx.HTTPError, TimeoutError) as error:
            return Unanswered(BACK_OFF, f"no whole answer ({type(error).__name__})")
        return _meant(asked, answer)


def _meant(asked: Sequence[Address], answer: httpx.Response) -> Outcome:
    status = answer.status_code
    if status == 429 or status >= 500:  # noqa: PLR2004 HTTP's numbers
        return Unanswered(_wait(answer.headers.get("Retry-After")), f"http {status}")
    if status != 200:  # noqa: PLR2004 HTTP's OK
        return Refused(f"http {status}")
    places = read(asked, answer.text)
    return Unanswered(BACK_OFF, "an answer that is no table") if places is None else Answered(places)


def _written(asked: Sequence[Address]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for number, one in enumerate(asked, 1):
        writer.writerow([number, one.street, one.city, one.state, one.zip5])
    return out.getvalue().encode()


def _wait(header: str | None) -> timedelta:
    if header is None or not header.isascii() or not header.isdigit():
        return BACK_OFF
    return min(timedelta(seconds=int(header[:9])), LONGEST_BACK_OFF)
