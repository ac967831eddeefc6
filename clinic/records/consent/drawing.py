"""A drawn signature: read as points, checked, and drawn anew by us, so that nothing of a stranger's markup is kept."""

from __future__ import annotations

import json
from typing import Any

from clinic.core.errors import DomainError

LONGEST = 200_000  # letters of what a browser sends
MOST_STROKES, MOST_POINTS, FEWEST_POINTS, LARGEST = 200, 5000, 5, 4000
Strokes = list[list[tuple[int, int]]]


class NoDrawing(DomainError):
    """It is empty, or not what our page sends."""

    code = "no_drawing"


def read_strokes(sent: str) -> Strokes:
    """Read what the page's pad sends: a list of strokes, each with `points` that have `x` and `y`. Raises NoDrawing."""
    if not sent.strip():
        raise NoDrawing("Draw your signature, or type your name instead.")
    try:
        strokes = [[_point(point) for point in stroke["points"]] for stroke in _listed(sent)]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise NoDrawing("We could not read the drawing. Draw it once more, or type your name instead.") from error
    number = sum(map(len, strokes))
    if number < FEWEST_POINTS:
        raise NoDrawing("This is too short for a signature. Draw it once more, or type your name instead.")
    if number > MOST_POINTS or len(strokes) > MOST_STROKES:
        raise NoDrawing("This is too long for a signature. Draw it once more, or type your name instead.")
    return [stroke for stroke in strokes if stroke]


def path_of(strokes: Any) -> str:
    """The drawing as one path of SVG."""
    return " ".join("M" + " L".join(f"{int(x)} {int(y)}" for x, y in stroke) for stroke in strokes)


def box_of(strokes: Any) -> str:
    """The `viewBox` that shows all of it."""
    xs, ys = zip(*(point for stroke in strokes for point in stroke), strict=True)
    left, top = int(min(xs)) - 10, int(min(ys)) - 10
    return f"{left} {top} {int(max(xs)) - left + 10} {int(max(ys)) - top + 10}"


def svg_of(strokes: Any) -> str:
    """A whole picture, for the PDF."""
    stroke = 'fill="none" stroke="#1d2a2c" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"'
    path = f'<path d="{path_of(strokes)}" {stroke}/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box_of(strokes)}">{path}</svg>'


def _listed(sent: str) -> list[Any]:
    if len(sent) > LONGEST:
        raise ValueError("too long")
    found = json.loads(sent)
    if not isinstance(found, list):
        raise TypeError("no list")
    return found


def _point(point: Any) -> tuple[int, int]:
    x, y = (round(float(point[name])) for name in ("x", "y"))
    if not (-LARGEST <= x <= LARGEST and -LARGEST <= y <= LARGEST):
        raise ValueError("outside")
    return x, y
