// How the drawn face moves: points of one half of a face from face_geometry.json, which the structural prior made
// (docs/face_geometry.py); shades and lines that units bring out; handles. The drawing is 300 x 340.

export const WIDTH = 300;
export const HEIGHT = 340;
export const MIDDLE = 150;
export const EYE_LINE = 148;
export const SCALE = 79; // pixels of the drawing for the distance between the eyes

// The prior's landmarks end at the forehead; these are only drawn.
const SKULL = { crown: [0, 22], templeUp: [66, 52] };

export class Geometry {
    /**
     * @param data the content of face_geometry.json
     * @param language a Language
     */
    constructor(data, language) {
        this.language = language;
        const points = (moves) => Object.entries(moves).map(([name, numbers]) => [name, numbers.map((n) => n / data.scale)]);
        this.rest = data.points.map(({ name, at }) => [name, at.map((n) => n / data.scale)]);
        this.units = data.units.map(({ unit, own, moves }) => ({ unit, own, moves: points(moves) }));
        this.pairs = data.pairs.map((pair) => ({ ...pair, moves: points(pair.moves) }));
    }

    /**
     * Return where the points of one half of the face are, [distance from the midline, height] in distances between the
     * eyes, as in the structural prior.
     * @param expression a Map from unit to [left, right] that a face can hold
     * @param side "left" or "right" of the person
     */
    half(expression, side) {
        const points = Object.fromEntries(this.rest.map(([name, [x, y]]) => [name, [x, y]]));
        // The right half is the left half of the mirror image, in which also the eyes look the other way.
        const seen = side === "left" ? expression : this.language.mirrored(expression);
        const strength = (unit, own) => seen.get(unit)?.[own ? 0 : 1] ?? 0;
        const move = (name, x, y) => {
            points[name][0] += x;
            points[name][1] += y;
        };
        for (const { unit, own, moves } of this.units) {
            const value = strength(unit, own);
            if (!value) continue;
            // Between 0, the middle (C) and the maximum (E) in straight lines.
            const [middle, most] = value <= 2.5 ? [value / 2.5, 0] : [(5 - value) / 2.5, (value - 2.5) / 2.5];
            for (const [name, [x, y, xMost, yMost]] of moves) move(name, x * middle + xMost * most, y * middle + yMost * most);
        }
        for (const { first, own1, second, own2, moves } of this.pairs) {
            const share = strength(first, own1) * strength(second, own2) / 25;
            if (share) for (const [name, [x, y]] of moves) move(name, x * share, y * share);
        }
        return points;
    }

    /** Return how far one point is above another at rest, in the drawing. */
    apart(upper, lower) {
        const height = (wanted) => this.rest.find(([name]) => name === wanted)[1][1];
        return SCALE * (height(upper) - height(lower));
    }

    /** Return the points of one side in the drawing, x to the right and y down. */
    drawn(expression, side) {
        const direction = side === "left" ? 1 : -1;
        const placed = Object.entries(this.half(expression, side))
            .map(([name, [out, up]]) => [name, [MIDDLE + direction * SCALE * out, EYE_LINE - SCALE * up]]);
        const skull = Object.entries(SKULL).map(([name, [out, down]]) => [name, [MIDDLE + direction * out, down]]);
        return Object.fromEntries([...placed, ...skull]);
    }
}

// Lines and shades that a unit brings out, with how strongly.
export const MARKS = {
    forehead: { 1: 1, 2: 1 }, frown: { 4: 1, 9: 0.4 }, nose: { 9: 1 }, crow: { 6: 1, 7: 0.3 },
    bagLine: { 6: 0.8, 7: 0.6, 12: 0.3, 9: 0.3 }, fold: { 9: 0.7, 10: 0.8, 11: 1, 12: 0.9, 6: 0.3, 15: 0.35, 20: 0.4 },
    dimple: { 14: 1, 12: 0.25, 13: 0.4 }, chinDents: { 17: 1 }, neck: { 21: 1, 20: 0.3 }, apple: { 6: 1, 12: 0.6, 13: 0.8 },
    puff: { 33: 0.7, 34: 1 }, hollow: { 35: 1 }, bulge: { 36: 1 }, bite: { 32: 1 }, masseter: { 31: 1 },
    down: { 15: 0.9, 17: 0.2 },
};

// Handles on the face: where they sit, what dragging them does. `out` is away from the midline.
export const HANDLES = [
    { name: "inner brow", point: "browInner", region: "brow", up: 1, down: 4 },
    { name: "outer brow", point: "browArch", region: "brow", up: 2, down: 4 },
    { name: "upper eyelid", point: "lidUpper", region: "eye", up: 5, down: 43 },
    { name: "lower eyelid", point: "lidLower", region: "eye", up: 7 },
    { name: "cheek", point: "cheek", region: "cheek", up: 6, out: 34, in: 35 },
    { name: "side of the nose", point: "wing", region: "nose", up: 9, out: 38, in: 39 },
    { name: "upper lip", point: "peak", region: "mouth", up: 10 },
    { name: "corner of the mouth", point: "corner", region: "mouth", up: 12, down: 15, out: 20, in: 18 },
    { name: "lower lip", point: "lowerOutSide", region: "mouth", up: 24, down: 25 },
    { name: "chin", point: "chinCrease", region: "jaw", up: 17, down: 26, middle: true },
];
