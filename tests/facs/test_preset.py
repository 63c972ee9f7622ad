"""The presets of a menu."""

import pytest

from auface.facs import NEUTRAL
from auface.facs.preset import AUTOMATIC, SOURCE_NAMES, preset, preset_names, preset_sources
from auface.facs.prototype import prototype


def test_every_preset_is_an_expression_by_every_source_that_has_it() -> None:
    for name in preset_names():
        assert preset_sources(name)
        for source in preset_sources(name):
            assert source in SOURCE_NAMES
            assert preset(name, source) != NEUTRAL


def test_automatic_is_the_first_source() -> None:
    assert preset("fear") == prototype("fear", "ekman")
    assert preset("contempt") == prototype("contempt", "emfacs")
    assert preset("happily_surprised", AUTOMATIC) == preset("happily_surprised", "du2014")


def test_what_a_source_lacks_is_refused_with_the_sources_that_have_it() -> None:
    with pytest.raises(ValueError, match="'ekman', which has no contempt; accepted for it are automatic, emfacs"):
        preset("contempt", "ekman")
    with pytest.raises(ValueError, match="`emotion` is 'bored'; accepted are happiness"):
        preset("bored")
