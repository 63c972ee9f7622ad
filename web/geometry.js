// How the drawn face moves: points of one half of the face, and where each action unit pulls them.
// Points are [distance from the midline, y] in a drawing of 300 x 340; pulls are for intensity 5, outward and down
// being positive. The drawing is an illustration of the language, not a measurement.

export const WIDTH = 300;
export const HEIGHT = 340;
export const MIDDLE = 150;

export const POINTS = {
    crown: [0, 20], templeUp: [56, 46], temple: [77, 108], cheekOuter: [78, 178], jawCorner: [66, 238],
    jawSide: [40, 284], chin: [0, 304],
    browInner: [16, 119], browMid: [33, 112.5], browArch: [51, 110.5], browOuter: [69, 121],
    eyeInner: [21, 150], eyeOuter: [58, 147], lidUpper: [40, 137.5], lidLower: [40, 156], bag: [40, 168],
    cheek: [50, 190],
    noseRoot: [9, 146], noseSide: [11, 182], wing: [18, 205], tip: [0, 210],
    foldTop: [24, 205], foldBottom: [42, 240],
    corner: [31, 243], peak: [8, 233.5], dip: [0, 236], upperIn: [0, 243], upperInSide: [14, 242.5],
    lowerIn: [0, 243.5], lowerInSide: [14, 243], lowerOut: [0, 256.5], lowerOutSide: [15, 254],
    chinCrease: [0, 270],
};

// How far from the midline points of the lips can be, as a share of the distance of the corner.
export const WITHIN_CORNER = { upperInSide: 0.5, lowerInSide: 0.5, lowerOutSide: 0.56, peak: 0.32 };

// Points that go along with the corner of the mouth, and how much.
export const FOLLOW_CORNER = { upperInSide: 0.2, lowerInSide: 0.2, lowerOutSide: 0.06, peak: 0.06 };

export const PULLS = {
    1: { browInner: [0, -20], browMid: [0, -8], browArch: [0, -2] },
    2: { browMid: [0, -8], browArch: [0, -15], browOuter: [1, -13] },
    4: { browInner: [-6, 8], browMid: [-4, 9.5], browArch: [-2, 7], browOuter: [-1, 4], lidUpper: [0, 1.5] },
    5: { lidUpper: [0, -6.5] },
    6: { lidLower: [0, -4], bag: [0, -6], cheek: [1, -10], cheekOuter: [3, -4], foldTop: [1, -2] },
    7: { lidLower: [0, -5], lidUpper: [0, 4.5], bag: [0, -3] },
    8: { dip: [0, 2], peak: [0, 2], lowerOut: [0, -3], lowerOutSide: [0, -3] },
    9: {
        wing: [3, -7], noseSide: [1, -3], tip: [0, -3], browInner: [-3, 6], browMid: [-1, 4], lidLower: [0, -2],
        peak: [0, -4], dip: [0, -3], foldTop: [1, -7], cheek: [0, -4],
    },
    10: { peak: [1, -8], dip: [0, -6], upperIn: [0, -6], upperInSide: [0, -7], wing: [2, -4], foldTop: [3, -6] },
    11: { foldTop: [4, -5], foldBottom: [3, -4], peak: [2, -3] },
    12: { corner: [14, -15], foldBottom: [10, -8], foldTop: [3, -3], cheek: [2, -9], lidLower: [0, -2.5], bag: [0, -3],
        cheekOuter: [3, -3], dip: [0, 2], lowerOut: [0, -1] },
    13: { corner: [3, -11], cheek: [0, -9], foldBottom: [3, -6] },
    14: { corner: [6, -1], foldBottom: [4, 0] },
    15: { corner: [1, 12], foldBottom: [3, 8], lowerOut: [0, 2] },
    16: { lowerIn: [0, 7], lowerInSide: [1, 7], lowerOut: [0, 7], lowerOutSide: [2, 7] },
    17: { lowerOut: [0, -5], lowerOutSide: [0, -3], lowerIn: [0, -5], lowerInSide: [0, -4], upperIn: [0, -4.5],
        upperInSide: [0, -3.5], dip: [0, -3], peak: [0, -3], corner: [0, 2], chinCrease: [0, -7], chin: [0, -5] },
    18: { corner: [-14, 0], peak: [-2, -4], dip: [0, -3], lowerOut: [0, 4], lowerOutSide: [-1, 4], foldBottom: [-8, 0] },
    20: { corner: [14, 3], peak: [2, 2], dip: [0, 2], lowerOut: [0, -2], foldBottom: [8, 3], chinCrease: [0, -1] },
    22: { corner: [-11, 0], peak: [-1, -7], dip: [0, -6], upperIn: [0, -6], upperInSide: [0, -5], lowerIn: [0, 7],
        lowerInSide: [0, 6], lowerOut: [0, 10], lowerOutSide: [0, 9] },
    23: { peak: [0, 4], dip: [0, 3], lowerOut: [0, -5], lowerOutSide: [0, -4], corner: [-5, 0] },
    24: { peak: [0, 5.5], dip: [0, 4.5], lowerOut: [0, -7], lowerOutSide: [0, -6], corner: [-2, 1] },
    25: { upperIn: [0, -1.5], upperInSide: [0, -1], lowerIn: [0, 5], lowerInSide: [0, 4], lowerOut: [0, 5],
        lowerOutSide: [0, 4] },
    26: { chin: [0, 16], jawSide: [-1, 13], jawCorner: [-1, 5], chinCrease: [0, 14], lowerOut: [0, 14],
        lowerOutSide: [0, 12], lowerIn: [0, 14], lowerInSide: [0, 11], corner: [-2, 5], foldBottom: [-1, 5] },
    27: { chin: [0, 30], jawSide: [-3, 24], jawCorner: [-3, 10], cheekOuter: [-3, 3], chinCrease: [0, 27],
        lowerOut: [0, 29], lowerOutSide: [-1, 25], lowerIn: [0, 29], lowerInSide: [-1, 23], upperIn: [0, -2],
        corner: [-5, 12], foldBottom: [-3, 10], dip: [0, -1] },
    28: { peak: [0, 7], dip: [0, 5.5], lowerOut: [0, -10], lowerOutSide: [0, -9], corner: [-2, 0] },
    29: { chin: [0, 5], jawSide: [3, 3], lowerOut: [0, 2], chinCrease: [0, 2] },
    31: { jawCorner: [5, 0] },
    33: { cheekOuter: [7, 2], jawCorner: [8, 0], corner: [-4, 0], upperIn: [0, -1], lowerIn: [0, 2] },
    34: { cheekOuter: [10, 4], jawCorner: [12, 0], cheek: [4, 4], corner: [-2, 0] },
    35: { cheekOuter: [-5, 0], jawCorner: [-10, 0], cheek: [-4, 0], corner: [-3, 0] },
    36: { jawCorner: [9, 0] },
    38: { wing: [6, -1] },
    39: { wing: [-4, 0] },
    40: { wing: [3, -3], tip: [0, -2] },
};

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
