"""The summary of a pack as PDF: the same words as the HTML, the same bytes for the same words. Pure."""

from __future__ import annotations

import io
from typing import Any
from xml.sax.saxutils import escape

from leadflow.evidence.rules.summary import Part, Summary, more

LONGEST_CELL = 1_200
"""Characters of a text that a cell of the PDF shows: a row must fit a page. The files hold the whole text."""
_CHARSET = "cp1252"
"""What the fonts that every PDF reader has can draw."""


def pdf(summary: Summary) -> bytes:
    """Write the document as PDF."""
    # Imported here: only who makes a pack needs it, and it costs a fifth of a second.
    from reportlab.lib.pagesizes import A4, landscape  # noqa: PLC0415
    from reportlab.lib.styles import getSampleStyleSheet  # noqa: PLC0415
    from reportlab.lib.units import mm  # noqa: PLC0415
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer  # noqa: PLC0415

    out = io.BytesIO()
    document: Any = SimpleDocTemplate(
        out,
        pagesize=landscape(A4),
        leftMargin=15 * mm,
        rightMargin=15 * mm,
        topMargin=15 * mm,
        bottomMargin=15 * mm,
        title=drawable(summary.title),
        author="LeadFlow",
        # The same words give the same bytes: no date, no random id.
        invariant=1,
    )
    styles: Any = getSampleStyleSheet()
    width: float = document.width
    story: list[Any] = [Paragraph(_safe(summary.title), styles["Title"])]
    story += [_table([("", ""), *summary.facts], [0.2 * width, 0.8 * width], styles, headed=False), Spacer(1, 4 * mm)]
    note = "Check this pack with python3 -I -S verify.py; README.txt says how. Instants are UTC."
    story.append(Paragraph(_safe(note), styles["BodyText"]))
    for part in summary.parts:
        story.append(Paragraph(_safe(f"{part.title} ({part.count})"), styles["Heading2"]))
        story += _rows(part, width, styles)
    document.build(story, onFirstPage=_number, onLaterPages=_number)
    return out.getvalue()


def _rows(part: Part, width: float, styles: Any) -> list[Any]:  # noqa: ANN401 the library has no types
    from reportlab.platypus import Paragraph  # noqa: PLC0415 as above

    if not part.rows:
        return [Paragraph("None.", styles["BodyText"])]
    shares = _shares(part)
    made = [_table([part.columns, *part.rows], [share * width for share in shares], styles, headed=True)]
    if part.count > len(part.rows):
        made.append(Paragraph(_safe(more(part)), styles["BodyText"]))
    return made


def _shares(part: Part) -> list[float]:
    """Share the width by how long the texts of each column are, within bounds."""
    longest = [
        max(10, min(60, max(len(row[column]) for row in (part.columns, *part.rows))))
        for column in range(len(part.columns))
    ]
    return [one / sum(longest) for one in longest]


def _table(rows: list[tuple[str, ...]], widths: list[float], styles: Any, *, headed: bool) -> Any:  # noqa: ANN401 the library has no types
    from reportlab.lib import colors  # noqa: PLC0415 as above
    from reportlab.lib.styles import ParagraphStyle  # noqa: PLC0415 as above
    from reportlab.platypus import LongTable, Paragraph, TableStyle  # noqa: PLC0415 as above

    cell: Any = ParagraphStyle("cell", parent=styles["BodyText"], fontSize=8, leading=10, wordWrap="CJK")
    shown = rows if headed else rows[1:]
    drawn = [[Paragraph(_safe(text), cell) for text in row] for row in shown]
    grid: list[Any] = [("VALIGN", (0, 0), (-1, -1), "TOP"), ("LINEBELOW", (0, 0), (-1, -1), 0.25, colors.lightgrey)]
    if headed:
        grid.append(("BACKGROUND", (0, 0), (-1, 0), colors.whitesmoke))
    return LongTable(drawn, colWidths=widths, repeatRows=1 if headed else 0, style=TableStyle(grid))


def _number(canvas: Any, document: Any) -> None:  # noqa: ANN401 the library has no types
    canvas.setFont("Helvetica", 7)
    canvas.drawRightString(document.pagesize[0] - 40, 20, f"{document.page}")


def _safe(text: str) -> str:
    """Make a text that the library draws and never reads as markup."""
    shown = text if len(text) <= LONGEST_CELL else text[:LONGEST_CELL] + " […]"
    return escape(drawable(shown)).replace("\n", "<br/>")


def drawable(text: str) -> str:
    """Name each character that the fonts of a PDF do not have, rather than draw a box for it."""
    return "".join(one if _known(one) else f"[U+{ord(one):04X}]" for one in text)


def _known(one: str) -> bool:
    if one == "\n":
        return True
    try:
        return one.isprintable() and bool(one.encode(_CHARSET))
    except UnicodeEncodeError:
        return False
