"""Reads numbers with the units that scenarios allow, for axes and for sorting."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

# As sim/units.cpp has them; in s, bit/s and bit.
UNITS_OF = {
    "": {"": 1.0},
    "s": {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0},
    "bit/s": {"bit/s": 1.0, "kbit/s": 1e3, "Mbit/s": 1e6, "Gbit/s": 1e9, "Tbit/s": 1e12},
    "bit": {
        **{"bit": 1.0, "kbit": 1e3, "Mbit": 1e6, "Gbit": 1e9, "Tbit": 1e12},
        **{"B": 8.0, "kB": 8e3, "MB": 8e6, "GB": 8e9, "TB": 8e12},
    },
}
UNITS = {unit: worth for units in UNITS_OF.values() for unit, worth in units.items()}
UNBOUNDED = ("unlimited", "full")  # a bandwidth; a batch of all rows

NUMBER = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?) *([A-Za-z/]*)")


def number(text: str) -> float | None:
    """The number in s, bit/s or bit: "10 ms" is 0.01, "unlimited" is infinity; None if the text is not a number."""
    if text in UNBOUNDED:
        return math.inf
    found = NUMBER.fullmatch(text.strip())
    return float(found[1]) * UNITS[found[2]] if found and found[2] in UNITS else None


def number_in(text: str, unit: str) -> float | None:
    """The number in this unit: "1 min" in "s" is 60; None if the text is no number of such units. Without one it has this."""
    found = NUMBER.fullmatch(text.strip())
    worth = {"": 1.0, **UNITS_OF.get(unit, {})}.get(found[2]) if found else None
    return None if worth is None else float(found[1]) * worth


def bare_number(text: str) -> int | float | None:
    """The number of a text without a unit: "5" is 5, "1e-06" is 0.000001; None for "10 ms" and for what is no number."""
    found = NUMBER.fullmatch(text.strip())
    if not found or found[2]:
        return None
    return int(found[1]) if re.fullmatch(r"[+-]?\d{1,30}", found[1]) else float(found[1])


def are_equal(one: str, other: str) -> bool:
    """Whether two texts mean the same value: "0.1" and "1e-1", "1 Mbit/s" and "1000 kbit/s"."""
    a, b = number(one), number(other)
    return one == other or (a is not None and b is not None and math.isclose(a, b, rel_tol=1e-12))


def in_order(values: Iterable[str]) -> list[str]:
    """The distinct values: numbers in ascending order, then the others in the order given."""
    distinct = list(dict.fromkeys(values))
    numbers = [value for value in distinct if number(value) is not None]
    return sorted(numbers, key=number) + [value for value in distinct if number(value) is None]
