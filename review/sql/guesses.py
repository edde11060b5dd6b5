"""Other guesses at what a template's unknown names stand for, where the first ones give SQL that does not parse."""

from review.sql.parse import CannotParse, parse
from review.sql.positions import ALTERNATIVES, Place
from review.sql.render import CannotRender, Renderer, Rendering

MAX_TRIES = 8
"""Renderings and parses spent on finding out what unknown macros stand for."""
MAX_NAMES = 4
"""Unknown macros for which that is tried."""


def rendered(path: str, text: str, dialect: str, renderer: Renderer) -> Rendering:
    """The file as SQL, by the guesses that get furthest. Raises CannotRender."""
    best = renderer.render(path, text)
    broken = _broken_line(best, dialect) if best.stood_in else None
    guesses: dict[str, Place] = {}
    taken = renderer.places(path, text, best.stood_in) if broken is not None else {}
    left = MAX_TRIES
    for name in best.stood_in[:MAX_NAMES]:
        for place in ALTERNATIVES:
            if broken is None or left == 0:
                return best
            if place is guesses.get(name, taken[name]):
                continue
            left -= 1
            try:
                again = renderer.guessed(path, text, {**guesses, name: place})
            except CannotRender:
                continue
            line = _broken_line(again, dialect)
            if line is None or line > broken:
                best, broken = again, line
                guesses[name] = place
    return best


def _broken_line(rendering: Rendering, dialect: str) -> int | None:
    """The first line that does not parse, or None where all does."""
    try:
        parse(rendering, dialect)
    except CannotParse as problem:
        return problem.line or 1
    return None
