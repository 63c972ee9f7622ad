"""Hypothesis strategies that several test files share."""

from hypothesis import strategies as st

from auface.facs import ActionUnit, Expression, Sides

LEVELS = st.integers(1, 5).map(float)
INTENSITIES = st.one_of(LEVELS, st.floats(0.05, 5.0).map(lambda value: round(value, 4)))


@st.composite
def expressions(
    draw: st.DrawFn, max_units: int = 12, intensities: st.SearchStrategy[float] = INTENSITIES
) -> Expression:
    """Any expression, conflicts included: units on one side, on both, or differently strong on both."""
    values: dict[int, tuple[float, float]] = {}
    for unit in draw(st.lists(st.sampled_from(list(ActionUnit)), max_size=max_units, unique=True)):
        one, other = draw(intensities), draw(intensities)
        choices = [(one, one)]
        if unit.sides is Sides.ONE:
            choices = [(one, 0.0), (0.0, one)]
        elif unit.sides is Sides.EACH:
            choices += [(one, one), (one, 0.0), (0.0, one), (one, other)]
        values[int(unit)] = draw(st.sampled_from(choices))
    return Expression.of(values)
