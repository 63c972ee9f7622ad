"""How probable it is that a unit is present: of what was read in a face, and of what a text or request says.

A reading gives an intensity with its expected absolute error. The error is taken as Gaussian, so its standard deviation
is sqrt(pi / 2) times that, and a unit is present with the probability that its true intensity reaches the threshold:

    q = Phi((intensity - threshold) / deviation)

Of the two sides the more probable one counts. A unit that could not be judged has no probability, rather than 0 or a
half: whatever uses these has to do without it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from auface.facs import ActionUnit, Expression

from .result import PRESENT, UnitReading, UnitValue

SMALLEST_DEVIATION = 0.25
"""No reading is taken as surer than this, in intensities: coders themselves do not agree better."""

TEXT_DEVIATION = 0.8
"""Standard deviation of an intensity that a text implies: "clearly raised" may be meant as C or D."""

UNSAID = 0.05
"""How probable a unit is of which a text says nothing."""

DENIED = 0.01
"""How probable a unit is that a text denies."""

_ERROR_TO_DEVIATION = math.sqrt(math.pi / 2)  # of a Gaussian


def deviation(uncertainty: float) -> float:
    """Return the standard deviation of an intensity from its expected absolute error.

    Args:
        uncertainty: Expected absolute error, from 0.
    """
    return max(SMALLEST_DEVIATION, uncertainty * _ERROR_TO_DEVIATION)


def normal_cdf(value: float) -> float:
    """Return the cumulative distribution of the standard normal, 0 to 1.

    Args:
        value: Standard deviations from the mean.
    """
    return 0.5 * math.erfc(-value / math.sqrt(2))


def presence(value: UnitValue, threshold: float = PRESENT, sides: Iterable[str] = ("left", "right")) -> float:
    """Return how probable it is that a unit is present on one of its sides, 0 to 1.

    Args:
        value: What was read.
        threshold: Intensity from which it counts as present.
        sides: The sides that could be judged, "left" and "right".
    """
    found = [
        normal_cdf((getattr(value, side) - threshold) / deviation(getattr(value, f"{side}_uncertainty")))
        for side in sides
    ]
    return max(found, default=math.nan)


def presence_of_reading(reading: UnitReading, threshold: float = PRESENT) -> dict[ActionUnit, float]:
    """Return unit -> how probable it is that the face shows it, for every unit of which a side could be judged.

    Args:
        reading: The units of a face.
        threshold: Intensity from which a unit counts as present.
    """
    found: dict[ActionUnit, float] = {}
    for unit, value in reading.values.items():
        sides = [side for side in ("left", "right") if reading.is_judged(unit, side)]
        if sides:
            found[unit] = presence(value, threshold, sides)
    return found


def presence_of_text(
    expression: Expression,
    units: Iterable[ActionUnit],
    denied: Expression | None = None,
    threshold: float = PRESENT,
) -> dict[ActionUnit, float]:
    """Return unit -> how probable a text makes it.

    Args:
        expression: The units that the text states, after resolving.
        units: The units to answer for.
        denied: The units that the text denies.
        threshold: Intensity from which a unit counts as present.
    """
    refused = () if denied is None else denied.units
    found: dict[ActionUnit, float] = {}
    for unit in units:
        value = expression.intensity(unit)
        if value > 0:
            found[unit] = normal_cdf((value - threshold) / TEXT_DEVIATION)
        else:
            found[unit] = DENIED if unit in refused else UNSAID
    return found


def judged_part(probabilities: Mapping[ActionUnit, float], units: Iterable[ActionUnit]) -> dict[ActionUnit, float]:
    """Return the entries of some units, in their order, leaving out those that are missing.

    Args:
        probabilities: Unit -> probability.
        units: The units that are wanted.
    """
    return {unit: probabilities[unit] for unit in units if unit in probabilities}
