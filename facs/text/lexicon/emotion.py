"""Words for feelings, and for none: which emotion a word names, and which two make a compound emotion.

An emotion word means the default prototype of that emotion (`prototype.py`). Beside a part of the face ("sad eyes") it
means only what the emotion does there.
"""

from __future__ import annotations

NEUTRAL_WORDS = """
    neutral, expressionless, blank, deadpan, poker face, poker faced, impassive, relaxed, at rest, calm, still,
    emotionless, vacant, without expression, no expression, unexpressive, stone faced, resting, serene, composed,
    straight faced, straight face, showing nothing, no emotion, without emotion, unreadable, stoic, placid, at ease
"""
"""Words that say that the face does nothing."""

EMOTION_WORDS: dict[str, str] = {
    "happiness": """
        happy, happily, happiness, joy, joyful, joyfully, joyous, cheerful, cheerfully, cheer, delighted, delight,
        gleeful, glee, gleefully, merry, elated, elation, overjoyed, glad, gladly, gladness, pleased, ecstatic,
        jubilant, jolly, blissful, amused, amusement, contented happiness, exuberant, mirth, mirthful, thrilled,
        delightedly, joyously, beatific, euphoric, tickled, chuffed
    """,
    "sadness": """
        sad, sadly, sadness, sorrow, sorrowful, sorrowfully, unhappy, unhappily, mournful, mourning, grief, grieving,
        grief stricken, melancholy, melancholic, miserable, misery, gloomy, despairing, despair, dejected, dejection,
        heartbroken, glum, downcast look, tearful, crying, weeping, sobbing, cries, weeps, sobs, cry, weep, sob,
        crestfallen, forlorn, woeful, depressed, despondent, doleful, wistful sadness, anguished sadness,
        brokenhearted, mournfully, glumly, teary, disconsolate
    """,
    "surprise": """
        surprised, surprise, surprisedly, astonished, astonishment, amazed, amazement, startled, shocked, shock,
        stunned, astounded, flabbergasted, dumbfounded, taken aback, gobsmacked, wonderstruck, thunderstruck,
        surprisingly
    """,
    "fear": """
        afraid, fearful, fearfully, fear, scared, frightened, fright, terrified, terror, terrorized, horrified fear,
        panicked, panic, panicky, dread, petrified, alarmed, spooked, anxious fear, timorous, fearing, terror
        stricken, horror, horrified
    """,
    "anger": """
        angry, angrily, anger, furious, fury, enraged, rage, raging, mad, irate, livid, wrathful, wrath, incensed,
        outraged, outrage, cross, seething, fuming, hostile, infuriated, irritated, irritation, annoyed, annoyance,
        furiously angry, pissed off, pissed, menacing, irritably, aggressive
    """,
    "disgust": """
        disgusted, disgustedly, disgust, disgusting, revolted, repulsed, revulsion, grossed out, nauseated, sickened,
        repelled, repulsion, queasy, distaste
    """,
    "contempt": """
        contempt, contemptuous, contemptuously, scornful, scornfully, scorn, disdain, disdainful, disdainfully,
        haughty disdain, derisive, condescending, supercilious, dismissive contempt, disparaging, snooty, sneeringly
    """,
    "awed": "awed, awe, awestruck, awe struck, in awe, awe filled",
    "appalled": "appalled, appall",
    "hatred": "hatred, hate, hateful, hatefully, loathing, loathes, hates, full of hate, hate filled",
}
"""Emotion -> its words."""

EMOTION_REGIONS: dict[str, tuple[int, ...]] = {
    "brow": (1, 2, 4),
    "forehead": (1, 2, 4),
    "eye": (5, 6, 7, 43),
    "lid": (5, 6, 7, 43),
    "gaze": (5, 6, 7, 43),
    "nose": (9,),
    "cheek": (6,),
    "mouth": (10, 12, 14, 15, 16, 17, 20, 22, 23, 24, 25, 26, 27),
    "lip": (10, 12, 14, 15, 16, 17, 20, 22, 23, 24, 25, 26, 27),
    "corner": (12, 14, 15, 20),
    "jaw": (26, 27),
    "chin": (17,),
}
"""Part of the face -> units that an emotion may move there ("angry eyes")."""

COMPOUNDS: dict[frozenset[str], str] = {
    frozenset(pair.split("+")): name
    for pair, name in {
        "happiness+surprise": "happily_surprised",
        "happiness+disgust": "happily_disgusted",
        "happiness+sadness": "happily_sad",
        "happiness+fear": "happily_fearful",
        "sadness+fear": "sadly_fearful",
        "sadness+anger": "sadly_angry",
        "sadness+surprise": "sadly_surprised",
        "sadness+disgust": "sadly_disgusted",
        "fear+anger": "fearfully_angry",
        "fear+surprise": "fearfully_surprised",
        "fear+disgust": "fearfully_disgusted",
        "anger+surprise": "angrily_surprised",
        "anger+disgust": "angrily_disgusted",
        "disgust+surprise": "disgustedly_surprised",
    }.items()
}
"""Two emotions in one phrase -> the compound emotion of Du, Tao & Martinez (2014), or of EmotioNet."""
