// A drawn face in SVG, front view, that moves with an expression. The person's left is on the right of the picture.

import { HEIGHT, MARKS, MIDDLE, WIDTH } from "./geometry.js";

const SVG = "http://www.w3.org/2000/svg";
const SIDES = ["right", "left"];
const WIDER = `translate(${MIDDLE} 0) scale(1.17 1) translate(${-MIDDLE} 0)`;
let drawings = 0;

export class FaceDrawing {
    /**
     * @param geometry a Geometry
     * @param small a thumbnail has fewer and thicker lines
     */
    constructor(geometry, { small = false } = {}) {
        this.geometry = geometry;
        this.id = `auface-${++drawings}`;
        this.svg = make("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: `auface-face${small ? " small" : ""}` });
        this.parts = {};
        this.#build();
        this.show(new Map());
    }

    #build() {
        const { id } = this;
        const definitions = make("defs", {}, this.svg);
        const skin = make("radialGradient", { id: `${id}-skin`, cx: "50%", cy: "44%", r: "62%" }, definitions);
        make("stop", { offset: "0%", "stop-color": "#f6dac7" }, skin);
        make("stop", { offset: "62%", "stop-color": "#ebc3a9" }, skin);
        make("stop", { offset: "100%", "stop-color": "#cf9c81" }, skin);
        const blush = make("radialGradient", { id: `${id}-blush` }, definitions);
        make("stop", { offset: "0%", "stop-color": "#d9694f", "stop-opacity": 0.5 }, blush);
        make("stop", { offset: "100%", "stop-color": "#d9694f", "stop-opacity": 0 }, blush);
        const shade = make("radialGradient", { id: `${id}-shade` }, definitions);
        make("stop", { offset: "0%", "stop-color": "#7a4632", "stop-opacity": 0.55 }, shade);
        make("stop", { offset: "100%", "stop-color": "#7a4632", "stop-opacity": 0 }, shade);

        this.#part("neck", "path", { class: "neck" });
        this.#part("neckCords", "path", { class: "line" });
        this.head = make("g", {}, this.svg);
        this.#part("hairBack", "path", { class: "hair", transform: WIDER }, this.head);
        this.#part("ears", "path", { class: "skin", fill: `url(#${id}-skin)` }, this.head);
        this.#part("outline", "path", { class: "skin", fill: `url(#${id}-skin)` }, this.head);
        this.#part("hair", "path", { class: "hair", transform: WIDER }, this.head);
        this.features = make("g", {}, this.head);
        const within = this.features;
        for (const side of SIDES) {
            this.#part(`apple-${side}`, "ellipse", { fill: `url(#${id}-blush)`, rx: 27, ry: 20 }, within);
            this.#part(`hollow-${side}`, "ellipse", { fill: `url(#${id}-shade)`, rx: 18, ry: 32 }, within);
            this.#part(`socket-${side}`, "path", { class: "socket" }, within);
        }
        for (const side of SIDES) {
            const clip = make("clipPath", { id: `${id}-eye-${side}` }, definitions);
            this.parts[`clip-${side}`] = make("path", {}, clip);
            this.#part(`white-${side}`, "path", { class: "white" }, within);
            const eye = make("g", { "clip-path": `url(#${id}-eye-${side})` }, within);
            this.#part(`iris-${side}`, "circle", { class: "iris", r: 7.6 }, eye);
            this.#part(`pupil-${side}`, "circle", { class: "pupil", r: 3.4 }, eye);
            this.#part(`glint-${side}`, "circle", { class: "glint", r: 1.5 }, eye);
            this.#part(`lidShade-${side}`, "path", { class: "lid-shade" }, eye);
            for (const name of ["upperLid", "lowerLid", "crease", "bagLine", "crow", "fold", "dimple", "masseter", "down",
                "puff", "bulge", "frown", "noseWrinkle", "forehead"]) {
                this.#part(`${name}-${side}`, "path", { class: `line ${name}` }, within);
            }
            this.#part(`brow-${side}`, "path", { class: "brow" }, within);
        }
        this.#part("nose", "path", { class: "line nose" }, within);
        this.#part("nostrils", "path", { class: "nostrils" }, within);
        const clip = make("clipPath", { id: `${id}-mouth` }, definitions);
        this.parts["clip-mouth"] = make("path", {}, clip);
        this.#part("cavity", "path", { class: "cavity" }, within);
        const mouth = make("g", { "clip-path": `url(#${id}-mouth)` }, within);
        this.#part("tongue", "ellipse", { class: "tongue" }, mouth);
        this.#part("lowerTeeth", "rect", { class: "teeth low", rx: 3 }, mouth);
        this.#part("upperTeeth", "path", { class: "teeth" }, mouth);
        this.#part("lowerLip", "path", { class: "lip lower" }, within);
        this.#part("upperLip", "path", { class: "lip" }, within);
        this.#part("lipLine", "path", { class: "line lip-line" }, within);
        this.#part("bite", "path", { class: "teeth" }, within);
        this.#part("tongueOut", "path", { class: "tongue" }, within);
        this.#part("chinLine", "path", { class: "line" }, within);
        this.#part("chinDents", "path", { class: "line" }, within);
    }

    #part(name, tag, attributes, parent = this.svg) {
        this.parts[name] = make(tag, attributes, parent);
    }

    /** Move the face to an expression, a Map from unit to [left, right]. */
    show(asked) {
        const expression = this.geometry.language.resolved(asked);
        const value = (unit, side) => (expression.get(unit)?.[side === "left" ? 0 : 1] ?? 0) / 5;
        const both = (unit) => Math.max(value(unit, "left"), value(unit, "right"));
        this.at = { left: this.geometry.drawn(expression, "left"), right: this.geometry.drawn(expression, "right") };
        this.#drawHead(both);
        for (const side of SIDES) {
            this.#drawEye(side, value);
            this.#drawMarks(side, value);
        }
        this.#drawNose();
        this.#drawMouth(value, both);
        this.#turn(both);
    }

    #set(name, attributes) {
        for (const [key, content] of Object.entries(attributes)) {
            this.parts[name].setAttribute(key, content);
        }
    }

    #drawHead(both) {
        const { left, right } = this.at;
        const chin = [(left.chin[0] + right.chin[0]) / 2, Math.max(left.chin[1], right.chin[1])];
        const rim = ["templeUp", "temple", "cheekOuter", "jawCorner", "jawSide"];
        const outline = [left.crown, ...rim.map((name) => left[name]), chin, ...rim.map((name) => right[name]).reverse()];
        this.#set("outline", { d: smooth(outline, true) });
        const ear = (side) => {
            const x = (offset) => MIDDLE + (side === "left" ? offset : -offset);
            return `M${x(91)} 142C${x(106)} 128 ${x(111)} 150 ${x(106)} 168C${x(102)} 185 ${x(96)} 194 ${x(90)} 188Z`;
        };
        this.#set("ears", { d: ear("left") + ear("right") });
        this.#set("neck", { d: `M98 246C102 298 94 318 70 ${HEIGHT}H230C206 318 198 298 202 246Z` });
        const cords = both(21);
        this.#set("neckCords", { d: "M128 306L120 338M172 306L180 338M140 310L137 338M160 310L163 338", opacity: cords });
        this.#set("hairBack", { d: "M68 150C52 84 82 6 150 6S248 84 232 150L226 150C230 92 200 40 150 40S70 92 74 150Z" });
        this.#set("hair", {
            d: "M71 128C60 66 90 10 152 10C212 10 240 62 229 128C227 104 222 80 208 64C184 70 148 64 120 46" +
                "C100 64 80 84 71 128Z",
        });
    }

    #drawEye(side, value) {
        const face = this.at[side];
        const closed = Math.min(1, Math.max(value(43, side), value(45, side), value(46, side)));
        const upper = face.lidUpper;
        const lower = [face.lidLower[0], Math.max(face.lidLower[1], upper[1] + 0.6)];
        const over = through(face.eyeInner, upper, face.eyeOuter);
        const under = through(face.eyeOuter, lower, face.eyeInner);
        const opening = `M${p(face.eyeInner)}Q${p(over)} ${p(face.eyeOuter)}Q${p(under)} ${p(face.eyeInner)}Z`;
        this.#set(`white-${side}`, { d: opening });
        this.#set(`clip-${side}`, { d: opening });
        const { iris } = face;
        this.#set(`iris-${side}`, { cx: iris[0], cy: iris[1] });
        this.#set(`pupil-${side}`, { cx: iris[0], cy: iris[1] });
        this.#set(`glint-${side}`, { cx: iris[0] + 2.4, cy: iris[1] - 2.7 });
        this.#set(`upperLid-${side}`, { d: `M${p(face.eyeInner)}Q${p(over)} ${p(face.eyeOuter)}` });
        this.#set(`lidShade-${side}`, { d: `M${p(face.eyeInner)}Q${p(over)} ${p(face.eyeOuter)}` });
        this.#set(`lowerLid-${side}`, { d: `M${p(face.eyeInner)}Q${p(under)} ${p(face.eyeOuter)}` });
        const fold = [upper[0], Math.min(upper[1] - 4.5, 142) + closed * 4];
        const ends = [[face.eyeInner[0], face.eyeInner[1] - 5], [face.eyeOuter[0], face.eyeOuter[1] - 5]];
        this.#set(`crease-${side}`, { d: `M${p(ends[0])}Q${p(through(ends[0], fold, ends[1]))} ${p(ends[1])}` });
        const browUnder = [face.browArch[0], face.browArch[1] + 5];
        this.#set(`socket-${side}`, {
            d: `M${p(ends[0])}Q${p(through(ends[0], fold, ends[1]))} ${p(ends[1])}Q${p(browUnder)} ${p(face.browInner)}Z`,
        });
        const spine = [face.browInner, face.browMid, face.browArch, face.browOuter];
        const thickness = [3.4, 4.8, 3.8, 0.6];
        const above = spine.map(([x, y], index) => [x, y - thickness[index]]);
        const below = spine.map(([x, y], index) => [x, y + thickness[index]]).reverse();
        this.#set(`brow-${side}`, { d: `${smooth(above)}L${smooth(below).slice(1)}Z` });
    }

    #drawMarks(side, value) {
        const face = this.at[side];
        const out = side === "left" ? 1 : -1;
        const strength = (mark) => Math.min(1, Object.entries(MARKS[mark])
            .reduce((sum, [unit, share]) => sum + share * value(Number(unit), side), 0));
        const line = (name, d, opacity) => this.#set(`${name}-${side}`, { d, opacity });
        const [ox, oy] = face.eyeOuter;
        line("crow", [[-6, -4], [0, 2], [6, 9]].map(([from, to]) =>
            `M${ox + out * 4} ${oy + from * 0.5}L${ox + out * 15} ${oy + to}`).join(""), strength("crow"));
        const bag = face.bag;
        line("bagLine", `M${p([face.eyeInner[0] + out * 2, bag[1] - 5])}Q${p([bag[0] - out * 4, bag[1] + 5])} ` +
            `${p([face.eyeOuter[0] - out * 3, bag[1] - 5])}`, 0.12 + 0.8 * strength("bagLine"));
        const [fx, fy] = face.foldTop;
        const deep = [(fx + face.foldBottom[0]) / 2 + out * 4, (fy + face.foldBottom[1]) / 2 - 4];
        line("fold", `M${fx} ${fy}Q${p(deep)} ${p(face.foldBottom)}`, 0.1 + 0.8 * strength("fold"));
        const [cx, cy] = face.corner;
        line("dimple", `M${cx + out * 7} ${cy - 9}Q${cx + out * 14} ${cy} ${cx + out * 7} ${cy + 9}`, strength("dimple"));
        line("down", `M${cx + out * 4} ${cy + 2}Q${cx + out * 7} ${cy + 9} ${cx + out * 5} ${cy + 17}`, strength("down"));
        const [jx, jy] = face.jawCorner;
        line("masseter", `M${jx - out * 10} ${jy - 26}Q${jx - out * 2} ${jy - 8} ${jx - out * 12} ${jy + 12}`,
            strength("masseter"));
        line("puff", `M${cx + out * 14} ${cy - 22}Q${cx + out * 26} ${cy - 2} ${cx + out * 12} ${cy + 20}`, strength("puff"));
        line("bulge", `M${cx + out * 14} ${cy - 16}a12 13 0 1 ${side === "left" ? 1 : 0} ${out} 28`, strength("bulge"));
        const [bx, by] = face.browInner;
        line("frown", `M${bx - out * 4} ${by - 7}Q${bx - out * 7} ${by + 2} ${bx - out * 5} ${by + 11}`, strength("frown"));
        line("noseWrinkle", [0, 7, 14].map((down) =>
            `M${MIDDLE + out * 2} ${150 + down}Q${MIDDLE + out * 8} ${147 + down} ${MIDDLE + out * 13} ${155 + down}`)
            .join(""), strength("nose"));
        const high = 111.5 + ((face.browMid[1] + face.browArch[1]) / 2 - 111.5) * 0.6;
        line("forehead", [13, 21].map((up) => `M${MIDDLE} ${high - up + 3}Q${MIDDLE + out * 30} ${high - up - 3} ` +
            `${MIDDLE + out * 50} ${high - up + 4}`).join(""), strength("forehead"));
        this.#set(`apple-${side}`, { cx: face.cheek[0], cy: face.cheek[1], opacity: 0.3 + 0.7 * strength("apple") });
        this.#set(`hollow-${side}`, { cx: cx + out * 24, cy: cy - 18, opacity: strength("hollow") });
        this.marks = { ...this.marks, [side]: strength };
    }

    #drawNose() {
        const { left, right } = this.at;
        const bottom = Math.max(left.tip[1], right.tip[1]);
        const half = (face, out) =>
            `M${face.noseSide[0] + out} ${face.noseSide[1]}C${face.wing[0] + out * 2} ${face.wing[1] - 8} ` +
            `${face.wing[0] + out * 2} ${face.wing[1] + 5} ${face.wing[0] - out * 5} ${face.wing[1] + 4}`;
        this.#set("nose", {
            d: `${half(left, 1)}${half(right, -1)}M${MIDDLE - 7} ${bottom + 1}Q${MIDDLE} ${bottom + 6} ${MIDDLE + 7} ${bottom + 1}`,
        });
        const nostril = (face, out) => {
            const from = MIDDLE + out * 5;
            const to = face.wing[0] - out * 5;
            const y = face.wing[1] + 2.5;
            return `M${from} ${y + 1}Q${(from + to) / 2} ${y - 5} ${to} ${y}Q${(from + to) / 2} ${y + 2} ${from} ${y + 1}Z`;
        };
        this.#set("nostrils", { d: nostril(left, 1) + nostril(right, -1) });
    }

    #drawMouth(value, both) {
        const { left, right } = this.at;
        // Landmarks of lips that are shut lie a little apart, on the red of both.
        for (const face of [left, right]) {
            for (const [upper, lower] of [["upperIn", "lowerIn"], ["upperInSide", "lowerInSide"]]) {
                const slack = this.geometry.apart(upper, lower) / 2;
                face[upper][1] += slack;
                face[lower][1] = Math.max(face[lower][1] - slack, face[upper][1]);
            }
        }
        const middle = (name) => mix(left[name], right[name], 0.5);
        const dip = middle("dip");
        const upperIn = middle("upperIn");
        const lowerIn = middle("lowerIn");
        const lowerOut = middle("lowerOut");
        const shift = lowerOut[0] - MIDDLE;
        for (const face of [left, right]) {
            face.lowerInSide[1] = Math.max(face.lowerInSide[1], face.upperInSide[1] + 0.3);
            face.peak[1] = Math.min(face.peak[1], upperIn[1] - 1.6);
            face.lowerOutSide[1] = Math.max(face.lowerOutSide[1], face.lowerInSide[1] + 2);
        }
        lowerIn[1] = Math.max(lowerIn[1], upperIn[1] + 0.3);
        dip[1] = Math.min(dip[1], upperIn[1] - 1.2);
        lowerOut[1] = Math.max(lowerOut[1], lowerIn[1] + 2);
        const upperEdge = [right.corner, right.upperInSide, upperIn, left.upperInSide, left.corner];
        const lowerEdge = [right.corner, right.lowerInSide, lowerIn, left.lowerInSide, left.corner];
        const back = (points) => smooth([...points].reverse()).slice(1);
        const top = smooth([right.corner, right.peak, dip, left.peak, left.corner], false, 0.75);
        this.#set("upperLip", { d: `${top}L${back(upperEdge)}Z` });
        const bottom = smooth([right.corner, right.lowerOutSide, lowerOut, left.lowerOutSide, left.corner]);
        this.#set("lowerLip", { d: `${bottom}L${back(lowerEdge)}Z` });
        const opening = `${smooth(upperEdge)}L${back(lowerEdge)}Z`;
        this.#set("cavity", { d: opening });
        this.#set("clip-mouth", { d: opening });
        const gap = lowerIn[1] - upperIn[1];
        this.#set("lipLine", { d: smooth(upperEdge), opacity: gap < 2 ? 1 : 0.35 });
        const wide = Math.abs(left.corner[0] - right.corner[0]) * 0.46;
        const teeth = Math.min(11, 4 + gap * 0.4);
        this.#set("upperTeeth", {
            d: `M${MIDDLE - wide} ${upperIn[1] - 14}H${MIDDLE + wide}V${upperIn[1] + teeth - 4}` +
                `Q${MIDDLE} ${upperIn[1] + teeth + 3} ${MIDDLE - wide} ${upperIn[1] + teeth - 4}Z`,
            opacity: gap > 2 ? 1 : 0,
        });
        const lowTeeth = both(16) * 6 + Math.max(0, both(20) - 0.3) * 4;
        this.#set("lowerTeeth", {
            x: MIDDLE + shift - wide * 0.75, y: lowerIn[1] - lowTeeth, width: wide * 1.5, height: 14,
            opacity: lowTeeth > 1 && gap > 3 ? 1 : 0,
        });
        this.#set("tongue", { cx: MIDDLE + shift, cy: lowerIn[1] + 5, rx: wide * 0.7, ry: 6 + gap * 0.22,
            opacity: gap > 12 ? 1 : 0 });
        const out = Math.max(both(19), both(37) * 0.5);
        const tip = lowerIn[1] + 8 + out * 20;
        this.#set("tongueOut", { opacity: out ? 1 : 0, d: `M${MIDDLE - 11} ${lowerIn[1] - 1}C${MIDDLE - 13} ${tip} ` +
            `${MIDDLE - 8} ${tip + 5} ${MIDDLE} ${tip + 5}S${MIDDLE + 13} ${tip} ${MIDDLE + 11} ${lowerIn[1] - 1}Z` });
        const bitten = SIDES.filter((side) => value(32, side) > 0);
        const centre = bitten.length === 1 ? MIDDLE + (bitten[0] === "left" ? 10 : -10) : MIDDLE;
        this.#set("bite", { opacity: bitten.length ? 1 : 0, d: `M${centre - 9} ${upperIn[1]}h18v${3 + both(32) * 4}` +
            `q-4.5 2 -9 0q-4.5 2 -9 0Z` });
        const crease = middle("chinCrease");
        this.#set("chinLine", { d: `M${MIDDLE - 13 + shift} ${crease[1]}Q${MIDDLE + shift} ${crease[1] - 4} ` +
            `${MIDDLE + 13 + shift} ${crease[1]}`, opacity: 0.25 + 0.6 * both(17) });
        const boss = [[-9, 8], [0, 6], [9, 8], [-5, 14], [5, 14], [-12, 14], [12, 14]];
        this.#set("chinDents", { opacity: 0.8 * both(17), d: boss.map(([x, y]) =>
            `M${MIDDLE + x - 1.5} ${crease[1] + y}q1.5 2 3 0`).join("") });
    }

    #turn(both) {
        const turn = both(51) - both(52);
        const nod = both(54) - both(53);
        const tilt = (both(55) - both(56)) * 15;
        const size = 1 + (both(57) - both(58)) * 0.07;
        this.head.setAttribute("transform",
            `translate(${turn * 6} ${nod * 6}) rotate(${tilt} 150 300) translate(150 190) scale(${size}) translate(-150 -190)`);
        this.features.setAttribute("transform", `translate(${turn * 15} ${nod * 12})`);
    }
}

/** Return an SVG element with attributes, appended to a parent. */
export function make(tag, attributes = {}, parent = null) {
    const element = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    parent?.append(element);
    return element;
}

function p([x, y]) {
    return `${x.toFixed(1)} ${y.toFixed(1)}`;
}

function mix(one, two, share) {
    return [one[0] + (two[0] - one[0]) * share, one[1] + (two[1] - one[1]) * share];
}

/** Return the control point of the quadratic curve that passes a point halfway. */
function through(from, middle, to) {
    return [2 * middle[0] - (from[0] + to[0]) / 2, 2 * middle[1] - (from[1] + to[1]) / 2];
}

/** Return a smooth path through points (Catmull-Rom as Bezier curves). */
function smooth(points, closed = false, tension = 1) {
    const count = points.length;
    const get = (index) => closed ? points[(index + count) % count] : points[Math.min(count - 1, Math.max(0, index))];
    let path = `M${p(points[0])}`;
    for (let index = 0; index < (closed ? count : count - 1); index++) {
        const [before, from, to, after] = [get(index - 1), get(index), get(index + 1), get(index + 2)];
        const bend = tension / 6;
        path += `C${p([from[0] + (to[0] - before[0]) * bend, from[1] + (to[1] - before[1]) * bend])} ` +
            `${p([to[0] - (after[0] - from[0]) * bend, to[1] - (after[1] - from[1]) * bend])} ${p(to)}`;
    }
    return closed ? `${path}Z` : path;
}
