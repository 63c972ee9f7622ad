"""Words for movements, as the reader knows them. What a movement of a part means in FACS is in `meaning.py`."""

from __future__ import annotations

MOVEMENTS: dict[str, str] = {
    "up": """
        hitch*, jack*, hitched up, jacked up, boost*, kick* up, heave*, up, upward, upwards, raise*, lift*, hike*,
        hoist*, rise, rises, rose, risen, rising, quirk*, cock*, perk*, elevate*, upraised, uplifted, skyward, sky
        high, shoot up, shot up, shooting up, jerk* up, climb*, heavenward, popped up, pops up, pop up, up high,
        jump*, lifting up, uplift, raised up, high on forehead
    """,
    "arch": "arch*",
    "up middle": """
        pinched up in middle, slanted up in middle, slant up in middle, slanting up in middle, up in middle, pinched
        up, pinch up, tented, tent*, steepled, raised in middle, lifted in middle, angled up in middle, sloping up in
        middle, slope up in middle, peaked in middle, up at center, up at centre, up at inner ends, up at inner
        corners, raised at inner ends, raised at inner corners, up toward middle, up in center, up in centre, lifted
        in center, lifted in centre, raised in center, raised in centre, tilted up in middle, tilt up in middle,
        lifted at inner ends, lifted at inner corners, rising in middle, rise in middle
    """,
    "up together": """
        up and together, up and in, upward and together, together and up, together and upward, up and inward
    """,
    "down together": "down and together, together and down, down and in, down and inward, in and down, inward and down",
    "oblique": "oblique, obliquely, in oblique line, slanted, like roof, like little roof, like tent, worried shape",
    "down": """
        down, downward, downwards, lower*, drop, drops, dropped, dropping, depress*, sink, sinks, sank, sunk, sinking,
        fall, falls, fallen, falling, fell, sag*, dip*, slump*, descend*, plunge*, brought low
    """,
    "downturn": """
        downcurved, down curved, curved down, curving down, curve* down, curved downward, curving downward, toward
        jawline, slump*, downturned, downturn*, down turned, drooped, droops, droop, drooping, droopy, turned down,
        turn down, turns down, turning down
    """,
    "upturn": """
        upturned, upturn*, turned up, turn up, turns up, turning up, curve* up, curved upward, curving upward,
        upcurved
    """,
    "up back": """
        up and back, back and up, upward and back, up and out, up and outward, upward and outward, back and upward
    """,
    "straight up": "straight up, straight upward, sharply straight up",
    "toward": "toward each other, towards each other",
    "together": """
        together, toward each other, towards each other, knit, knits, knitted, knitting, knot*, to middle, toward
        middle, meet in middle, closer together, close together, into tense line, bunched together
    """,
    "furrow": "bunch*, furrow*, crease*, corrugated, crinkled in frown, knitted in frown, bunched, beetle*, clouded",
    "pinch": "pinch*",
    "widen": """
        like dinner plates, as big as dinner plates, bulged, as big as saucers, big as saucers, as wide as saucers, as
        round as coins, widen*, wide, wide open, open wide, opened wide, opens wide, opening wide, popping, bulge,
        bulges, bulging, goggle*, rounded, round, huge, enormous, saucer like, like saucers, stretched wide, wide as
        saucers, retract*, flung open, flying open, fly wide, flew wide, flew open, fly open
    """,
    "narrow": """
        narrow*, slit*, slitted, to slits, into slits, slit like, thin*, tapered, reduced to slits, half squinted
    """,
    "squint": "squint*, screw* up, screw*, scrunched up tight",
    "tight": """
        tight, taut, tense, tighten*, tense*, tensing, stiff, stiffen*, strain*, firm up, hardened, harden*, taut*,
        rigid, tautened, rolled tight
    """,
    "close": "close, closes, closed, closing, shut, shuts, shutting, sealed, drawn shut",
    "blink": "closed in blink, closed mid blink, closed mid-blink, in blink",
    "wink": "closed in wink, in wink, shut in wink",
    "squeeze shut": """
        squeezed shut, squeeze shut, squeezes shut, squeezing shut, screwed shut, clenched shut, squeezed closed,
        scrunched shut, scrunched closed, screwed tight, screwed tightly shut, squeezed tight, squeezed tightly shut,
        scrunched tight, pressed shut, screw shut, tightly shut, shut tight, shut tightly, tightly closed, closed
        tight, closed tightly, scrunch shut, squeeze* tight, screwing shut
    """,
    "droop": """
        heavy, hooded, drowsy, sleepy, half mast, at half mast, bleary, weary, tired, droopy, drooping, droop, droops,
        drooped, sagging, sag, sags, sagged, low
    """,
    "open": "open, opens, opened, opening, ajar",
    "agape": """
        agape, gaping, gape, gapes, gaped, slack, hangs open, hanging open, hung open, falls open, falling open, fell
        open, fallen open, drops open, dropping open, dropped open, drop open, fall open, o shaped, in o, into o, in o
        shape
    """,
    "wide open": "wide open, open wide, opened wide, opens wide, opening wide, stretched wide, wide",
    "stretch open": """
        stretched open, stretch open, stretches open, stretching open, forced open, stretched wide open, yanked open,
        pulled wide open, thrown open, thrown wide, wrenched open, stretched far open
    """,
    "part": "part, parts, parted, parting, apart, separate*, unsealed, opened bit",
    "press": """
        cinch*, press*, pressed together, press together, pressing together, presses together, compress*, clamp*,
        clamped shut, pressed thin, pressed into thin line, into thin line, pressed flat, squeezed together, squeeze
        together, pressed against each other, in thin line, sealed tight, pressed tight, clamped together, jammed
        together, into line, in line, into hard line, in hard line, flatten*, mashed together, pressed shut, into
        tight line, in tight line, pressed white, zipped
    """,
    "thin": "thin, thinned, narrowed, thinner",
    "pucker": """
        pucker*, purse*, scrunched into kiss, for kiss, as if to kiss, as if for kiss, into kiss, kissing shape, kissy
    """,
    "funnel": """
        funnel*, funnelled, funnelling, flared outward, flared out, flaring outward, trumpet*, into funnel, funneled
        outward, funnelled outward, out like trumpet
    """,
    "outward": "outward, outwards",
    "stretch": """
        out horizontally, out to sides, out sideways, out toward ears, out to ears, stretch*, sideways, to sides,
        toward ears, towards ears, laterally, stretched sideways, wide and flat, horizontally, apart sideways
    """,
    "roll in": """
        rolled in, roll in, rolling in, rolls in, roll inward, rolled inward, rolled in over teeth, in over teeth,
        tucked over teeth, over teeth, folded in, folded inward, tucked inside, between lips
    """,
    "suck in": """
        sucked in, suck in, sucking in, sucks in, sucked inward, suck*, drawn into mouth, inside mouth, into mouth
    """,
    "bite": """
        bite* down, bite* down on, biting down, biting down on, bit down on, bite, bites, biting, bitten, bit, between
        teeth, nibble*, chew*, gnaw*, caught between teeth, under teeth, bite down on
    """,
    "curl": "curl*",
    "wrinkle": """
        rumple*, crease*, wrinkle*, crinkle*, scrunch*, scrunched up, scrunching up, scrunch up, screwed up, screw up,
        crumple*, pucker*, lined
    """,
    "flare": "splay*, flare*, dilate*, flaring, distended, spread",
    "compress": "compress*, narrowed, pinched in, squeezed, clenched",
    "puff": """
        blow*, blown, blew, blowing, blown out, blowing out, blow out, blows out, blown up, blowing up, blow up, blows
        up, puff*, puffed out, puffed up, inflate*, swollen with air, filled with air, full of air, balloon*, bloated,
        blown up like chipmunk, bulging with air, fill with air, filling with air
    """,
    "blow": """
        blowing air out, blowing out air, blowing air, blow air out, blows air out, puffing air out, puffing out air
    """,
    "hollow": "hollow*, hollowed, sunken in, caved in, concave, gaunt",
    "bulge tongue": """
        bulged by tongue, bulging from tongue, out by tongue, bulge from tongue, bulges from tongue, bulging with
        tongue, bulged out by tongue
    """,
    "in": "in, inward, inwards, into face",
    "tuck": "tuck*, tucked in, tucking in, tuck in, tightened in, tucked inward",
    "dimple": "dimple*",
    "out": """
        out, stick* out, stuck out, protrude*, outstretched, poke* out, jut*, jut out, juts out, jutting, jutted,
        jutted out, jutting out, stuck, outthrust, out of mouth, lolling, lolls, loll, poking, sticking
    """,
    "forward": "forward, forwards, ahead, to front, toward viewer, towards viewer, toward camera, towards camera",
    "back": "back, backward, backwards",
    "grit": "grit*, gritted, gritting",
    "clench": "clench*, grit*, gritted, gritting, grind*, ground together, set, locked, set hard",
    "bare": "bare, bared, bares, baring, exposed, expose*, gnash*",
    "show": "show, shows, showing, visible, flash*, in view, peeking, peeks, on show, peeping, on display",
    "over lips": """
        over lips, along lips, across lips, around lips, wiped over lips, run along lips, licking lips, over lower
        lip, across lower lip, across upper lip
    """,
    "lick": "moisten*, wet, wets, wetting, wetted, lick*",
    "sniff": "sniff*, sniffle*, snuffle*",
    "deepen": "deepen*, etched, carved, deep",
    "turn": """
        turn*, rotate*, face left, swivel*, face, facing, averted, avert*, shift*, slide, slides, sliding, slid, cut,
        cuts, cutting, dart*, glance*
    """,
    "tilt": """
        tilt*, cocked, cock, cocks, lean*, leant, tip, tips, tipped, tipping, incline*, canted, list to, lolled, cant
    """,
    "bow": "bow*, bent, hung, hang, bowed down, hanging down, ducked",
    "to nose": "toward nose, towards nose, to nose, at nose, at own nose, on nose, on tip of nose, at tip of nose",
    "cross": "cross*, inward",
    "apart": "apart, in different directions, in opposite directions",
    "roll up": """
        roll*, rolled up, roll up, rolling up, rolls up, rolled back, to ceiling, to heavens, to sky, toward ceiling,
        heavenward, at ceiling, at sky, toward sky, towards sky, towards ceiling, skyward, to heaven, toward heaven,
        towards heaven
    """,
    "to floor": """
        at floor, to floor, toward floor, towards floor, at ground, to ground, toward ground, towards ground, at feet,
        at shoes, downcast, cast down
    """,
    "frown": "frown*",
    "smile": "smile*, smiling",
    "crinkle": """
        crinkle*, crinkled at corners, crinkling at corners, crease* at corners, wrinkle* at corners, twinkling
    """,
    "reach": "",
}
"""Movement -> its words. A star adds the usual inflections. One word may belong to several movements."""
