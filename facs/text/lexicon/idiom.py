"""Words that mean action units by themselves: "smirk", "wide-eyed", "clenched jaw"."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Idiom:
    """Units that a word stands for.

    Attributes:
        words: Its spellings; a star adds the usual inflections.
        units: FACS notation.
        without: FACS numbers that the word excludes, as "forced smile" excludes 6.
        one_sided: Whether it is done on one side, the left where no side is said.
        follows: Whether it takes the degree of what stands before it, as "held down at the corners" does.
    """

    words: str
    units: str
    without: tuple[int, ...] = ()
    one_sided: bool = False
    follows: bool = False


IDIOMS: tuple[Idiom, ...] = (
    # Smiles
    Idiom(words="smile*, smiling, smiley, half smile, simper*", units="12"),
    Idiom(
        words="""
            smile that reaches eyes, smile reaching eyes, smile reaches eyes, duchenne smile, genuine smile, real
            smile, sincere smile, true smile, heartfelt smile, warm smile, beam*, beaming smile, radiant smile, smile
            with eyes, smiling with eyes, smiles with eyes, smize, smizing, crinkly smile, eye crinkling smile, joyful
            smile, honest smile, genuinely smiling, smiling warmly, smiling genuinely, smiles warmly
        """,
        units="6+12",
    ),
    Idiom(
        words="""
            reach eyes, reaches eyes, reaching eyes, reached eyes, lights up eyes, reaching up to eyes, lighting up
            eyes, creases eyes, crinkles eyes, crinkling eyes
        """,
        units="6",
        follows=True,
    ),
    Idiom(
        words="""
            forced smile, fake smile, polite smile, insincere smile, phony smile, phoney smile, social smile,
            humorless smile, humourless smile, strained smile, stiff smile, plastic smile, hollow smile, empty smile,
            cold smile, thin smile, mirthless smile, joyless smile, wooden smile, professional smile, customer service
            smile, tight smile, pan am smile, false smile, put on smile, artificial smile, pasted on smile, painted on
            smile, perfunctory smile, dutiful smile, service smile, frozen smile, smile with dead eyes, pained smile,
            insincerely smiling, smiles politely, smiling politely, politely smiling, forcing smile, forces smile,
            force smile, fakes smile, faking smile, dead smile
        """,
        units="12",
        without=(6,),
    ),
    Idiom(
        words="""
            held down at corners, down at corners, turned down at corners, pulled down at corners, tugged down at
            corners, dragged down at corners, drooping at corners, downturned at corners
        """,
        units="15",
        follows=True,
    ),
    Idiom(
        words="""
            turned up at corners, up at corners, upturned at corners, curled up at corners, lifted at corners, raised
            at corners
        """,
        units="12",
    ),
    Idiom(words="suppressed by raised chin", units="17", follows=True),
    Idiom(
        words="""
            suppressed smile, suppressing smile, stifled smile, stifling smile, hiding smile, trying not to smile,
            bitten back smile, holding back smile, biting back smile, smothered smile, smothering smile, fighting
            smile
        """,
        units="12+17+24",
    ),
    Idiom(
        words="""
            pressed smile, tight lipped smile, closed lip smile with pressed lips, thin lipped smile
        """,
        units="12+24",
    ),
    Idiom(words="grin*, grinning, big toothy grin, toothy grin, toothy smile grin", units="6+12+25"),
    Idiom(words="toothy smile, open smile, smile showing teeth, open mouthed smile, smiling with teeth", units="12+25"),
    Idiom(
        words="""
            laugh*, laughing, laughter, chuckl*, chuckle*, giggl*, giggle*, guffaw*, cackle*, cracking up, burst out
            laughing, bursting out laughing
        """,
        units="6+12+25+26",
    ),
    Idiom(
        words="""
            smirk*, smirky, half smile on one side, crooked smile, crooked grin, lopsided smile, lopsided grin, wry
            smile, one sided smile, wry grin, sideways smile, cocky grin, half grin
        """,
        units="L12",
        one_sided=True,
    ),
    Idiom(
        words="""
            howling with laughter, roaring with laughter, screaming with laughter, shrieking with laughter, in
            stitches
        """,
        units="6+12+25+26",
    ),
    # Brows and eyes
    Idiom(words="goggle*, goggling, boggle*", units="5"),
    Idiom(
        words="""
        batting lashes, bats lashes, bat lashes, batting eyelashes, fluttering lashes, fluttering eyelashes
    """,
        units="45",
    ),
    Idiom(words="horizontal furrows, horizontal wrinkles, horizontal lines, horizontal creases", units="1+2"),
    Idiom(words="frown*, frowning, furrowed look", units="4"),
    Idiom(
        words="""
            mouth frown*, mouth in frown, lips in frown, mouth frowning, downturned mouth, upside down smile, upside
            down mouth, mouth upside down
        """,
        units="15",
    ),
    Idiom(words="scowl*, scowling, lour*, lower in anger", units="4+7"),
    Idiom(words="glare*, glaring, glower*, death stare, dagger*, look daggers, stink eye", units="4+5+7"),
    Idiom(words="squint*, squinting, squinty, squinty eyed, narrow eyed, narrowed gaze, squinch*", units="7"),
    Idiom(
        words="""
            wide eyed, wide eye, eyes wide, saucer eyed, round eyed, startled eyes, goggle eyed, doe eyed stare, wide
            open eyes, eyes wide open
        """,
        units="5",
    ),
    Idiom(words="bug eyed, bugged out eyes, bulging eyed, pop eyed", units="5D"),
    Idiom(
        words="""
            heavy lidded, hooded eyed, half lidded, sleepy eyed, droopy eyed, bedroom eyes, drowsy eyed
        """,
        units="43B",
    ),
    Idiom(words="wink*, winking", units="L46", one_sided=True),
    Idiom(words="blink*, blinking, mid blink", units="45"),
    Idiom(words="wince*, wincing, flinch*", units="4+6+7"),
    Idiom(words="cross eyed, crosseyed", units="66"),
    Idiom(words="wall eyed, walleyed", units="65"),
    Idiom(words="side eye, side eyes, side eyeing, sidelong glance, sidelong look", units="61", one_sided=True),
    Idiom(
        words="""
            eye roll*, eyeroll*, roll* eyes, rolling eyes, rolled eyes, rolls eyes, eyes rolling, eyes rolled
        """,
        units="63",
    ),
    Idiom(
        words="""
            rais* brow in doubt, worry brow, worried brow, grief brow, puppy dog brows, puppy brows, sad brow tilt
        """,
        units="1+4",
    ),
    Idiom(
        words="""
            crow feet, crinkled eyes, crinkly eyes, smiling eyes, twinkling eyes, eye crinkles, laughing eyes,
            crinkles around eyes, crinkles at corners of eyes, wrinkles at corners of eyes, crinkling around eyes,
            wrinkles around eyes
        """,
        units="6",
    ),
    Idiom(
        words="""
            whites of eyes showing, whites of eyes visible, whites of eyes show, whites of eyes show above irises,
            whites of eyes showing above irises, whites showing, whites visible, showing whites of eyes, whites
            showing above irises, whites showing above iris
        """,
        units="5",
    ),
    Idiom(
        words="""
            forehead wrinkles, forehead lines, forehead creases, wrinkles on forehead, lines across forehead, wrinkles
            across forehead, creases across forehead, horizontal forehead wrinkles, horizontal lines on forehead
        """,
        units="1+2",
    ),
    Idiom(
        words="""
            frown lines, frown line, worry lines between brows, vertical lines between brows, vertical creases between
            brows, crease between brows, furrow between brows, furrow between eyes, line between brows, wrinkle
            between brows, wrinkles between brows, lines between brows, creases between brows, elevens, crease between
            eyebrows, furrow between eyebrows, lines between eyebrows, vertical line between brows, vertical crease
            between brows, deep line between brows, vertical lines between eyebrows
        """,
        units="4",
    ),
    Idiom(words="half open eyes, eyes half open, eyes halfway open, half opened eyes", units="43C"),
    Idiom(words="barely open eyes, eyes barely open", units="43D"),
    # Nose and cheeks
    Idiom(words="sniff*, sniffing, sniffle*, snuffle*", units="40"),
    Idiom(words="crinkle nosed, wrinkle nosed", units="9"),
    # Mouth
    Idiom(words="sneer*, sneering", units="10"),
    Idiom(words="snarl*, snarling", units="9+10+25"),
    Idiom(words="pout*, pouting, pouty, sulky lip, pouty lips, pouty lip, pouty mouth", units="17+22"),
    Idiom(words="grimace*, grimacing, rictus, eek face, yikes face", units="20+25"),
    Idiom(
        words="""
            gasp*, gasping, gape*, gaping, agape, gawp*, gawk*, open mouthed, mouth open, open mouth, slack mouthed,
            gob open
        """,
        units="25+26",
    ),
    Idiom(words="slack jawed, jaw dropping, jawdrop, jaw on floor, slack jaw, jaw slack, jaw agape", units="25+26"),
    Idiom(words="yawn*, yawning", units="25+27"),
    Idiom(
        words="""
            scream*, screaming, shout*, shouting, yell*, yelling, shriek*, shrieking, roar*, roaring, howl*, howling,
            bellow*, bellowing, wail*, holler*
        """,
        units="25+27",
    ),
    Idiom(
        words="""
            kiss*, kissing, kissy face, duck face, duckface, duck lips, duck lip, air kiss, blowing kiss, blows kiss,
            kissy lips, kiss face, pucker*, puckering, whistl*, whistle*, whistling, fish lips, fish face, puckered
            lips, puckered mouth, puckered up, pucker up, puckers up, puckering up, smooch*, moue
        """,
        units="18",
    ),
    Idiom(words="pucker of lips", units="18"),
    Idiom(
        words="""
            tight lipped, lips sealed, sealed lips, thin pressed lips, lips zipped, pressed lip, lips pressed thin,
            thin line of mouth, mouth thin line, mouth hard line, lips thin line, tight pursed lips, tightly pursed
            lips, lips tightly pursed, lips pressed into thin line, mouth pressed into thin line, pressed thin lips,
            thin lipped, lip press
        """,
        units="24",
    ),
    Idiom(words="stiff upper lip", units="23"),
    Idiom(words="lip bite, lip biting, bites lip, biting lip", units="32"),
    Idiom(words="buck toothed", units="25"),
    Idiom(words="toothy", units="25"),
    Idiom(words="clenched jaw, jaw clenched, jaw set, set jaw, gnash*", units="31"),
    Idiom(words="tongue between teeth, tongue between lips", units="19"),
    Idiom(words="lips licked", units="37"),
    Idiom(words="dimples, dimple, dimpled smile corners", units="14"),
    Idiom(words="chipmunk cheeks", units="34"),
    Idiom(words="lantern jawed thrust, underbite, jutting jaw", units="29"),
    Idiom(
        words="""
            screwed up face, face screwed up, scrunched face, scrunched up face, face scrunched up, face scrunched
        """,
        units="4+6+7+9",
    ),
    Idiom(
        words="""
            teeth dug into lip, teeth sunk into lip, teeth on lip, teeth in lip, teeth dug into lower lip
        """,
        units="32",
    ),
    Idiom(words="teeth dug into bottom lip, teeth sunk into lower lip, teeth sinking into lip", units="32"),
    Idiom(
        words="""
        bulging out left cheek, bulging left cheek, poking left cheek, into left cheek, against left cheek, inside
        left cheek, in left cheek
    """,
        units="L36",
    ),
    Idiom(
        words="""
        bulging out right cheek, bulging right cheek, poking right cheek, into right cheek, against right cheek,
        inside right cheek, in right cheek
    """,
        units="R36",
    ),
    Idiom(
        words="""
        into one cheek, inside one cheek, against one cheek, tongue in cheek, tongue pushed into cheek, tongue against
        cheek
    """,
        units="L36",
        one_sided=True,
    ),
    # Head
    Idiom(
        words="""
            chin held high, chin high, head held high, nose in air, nose up in air, head thrown back, throwing head
            back, chin lifted high, tipping head back, throws head back, head tipped back, tips head back, tilts head
            back, head tilted back, head tilted up, tilting head back, chin tilted up, tilts chin up, tilting chin up,
            chin tipped up, tipping chin up
        """,
        units="53",
    ),
    Idiom(
        words="""
            chin tucked, chin to chest, nodding down, head bent, head hung, hanging head, hangs head, bowed head, head
            in hands, chin on chest, head tilted down, head tilted forward, chin tilted down, chin dropped to chest
        """,
        units="54",
    ),
    Idiom(
        words="""
            lean* forward, leaning in, leans in, lean in, craning forward, leaning toward viewer, leaning closer,
            cranes forward, craning neck forward
        """,
        units="57",
    ),
    Idiom(
        words="""
            lean* back, leaning away, leans away, recoil*, recoiling, rearing back, rears back, pulling away, leans
            back, shrinks back, drawing away
        """,
        units="58",
    ),
)
"""Idioms. The longest match wins, so "forced smile" is read before "smile"."""
