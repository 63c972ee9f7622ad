"""All opinions on one face, and their fusion."""

import json
from dataclasses import replace

import pytest
from made_reading import face_of

from auface.facs.prototype_table import C_EXPR_DB
from auface.recognition.emotion.face_emotions import cnn_opinion, face_emotions
from auface.recognition.emotion.opinion import BASIC, COMPOUND, Opinion

JOY = {name: 0.86 if name == "happiness" else 0.02 for name in BASIC}


def test_anatomy_alone_answers() -> None:
    found = face_emotions(face_of("6+12D+25"))
    assert found.basic.best == "happiness"
    assert found.compound.classes == COMPOUND
    assert [one.source for one in found.opinions] == ["anatomy", "anatomy"]
    with pytest.raises(ValueError, match="only landmarks were read"):
        cnn_opinion(face_of("12D"))


def test_the_crop_network_joins_in_and_speaks_for_compounds() -> None:
    plain = face_of("1+2+25")
    seen = replace(plain, emotions=JOY)
    alone, joined = face_emotions(plain, classes=C_EXPR_DB), face_emotions(seen, classes=C_EXPR_DB)
    name = "happily_surprised"
    assert joined.compound.probabilities[name] > alone.compound.probabilities[name]
    assert joined.basic.probabilities["happiness"] > alone.basic.probabilities["happiness"]


def test_a_source_with_an_opinion_of_its_own_on_compounds_is_heard_once() -> None:
    basic = Opinion("vlm", JOY)
    compound = Opinion.of_scores("vlm", C_EXPR_DB, [0, 0, 0, 0, 0, 0, 5.0])
    found = face_emotions(face_of("neutral"), [basic, compound], classes=C_EXPR_DB)
    assert found.compound.best == "sadly_angry"
    assert len(found.opinions) == 4


def test_json_names_the_sources() -> None:
    data = json.loads(json.dumps(face_emotions(replace(face_of("12D"), emotions=JOY)).to_dict()))
    assert {row["source"] for row in data["sources"]} == {"anatomy", "cnn"}
    assert data["basic"]["answer"] == "happiness"
