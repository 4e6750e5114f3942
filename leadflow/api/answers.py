"""Answers that are written without FastAPI's own encoder, which takes longer than the query of a long list."""

from __future__ import annotations

from typing import Any

import orjson
from fastapi import Response

from leadflow.kernel.paging import Page


def answer(document: Any) -> Response:  # noqa: ANN401 any frozen answer of a service
    """Write frozen rows as they are, words as keys too."""
    return Response(orjson.dumps(document, option=orjson.OPT_NON_STR_KEYS), media_type="application/json")


def answer_page(page: Page[Any]) -> Response:
    """Write a page of a list that may hold more than it counts."""
    return answer({"rows": page.rows, "count": page.count, "at_least": page.at_least, "next": page.next})
