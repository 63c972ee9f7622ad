// Expressions on the page: FACS notation in and out, and conflicts, as the Python package has them.
// An expression is a Map from unit number to [left, right], intensities from 0 to 5 of the person's own sides.

import { filled } from "./texts.js";

const LETTERS = "ABCDE";
const TERM = /(?:AU\s*)?([A-Z]?)(?:AU\s*)?([0-9]+)/iy;
const INTENSITY = /\s*[=:]\s*([^\s,;+]*)|\(([^)]*)\)|([A-Z](?:\s*[-\u2013]\s*[A-Z])?)(?![A-Z0-9])/iy;
const SEPARATOR = /\s*[+,;]\s*|\s+/y;
const RANGE = /^([A-E])(?:\s*[-\u2013]\s*([A-E]))?$/i;
const NUMBER = /^(?:[0-9]{1,3}(?:\.[0-9]{0,12})?|\.[0-9]{1,12})$/;
const SLACK = 1e-3;

export class Language {
    /** @param data the content of face_data.json */
    constructor(data) {
        this.units = new Map(data.units.map((unit) => [unit.unit, unit]));
        this.rules = data.conflicts;
        this.presets = data.presets;
    }

    /** Read FACS notation; throws an Error that says at which character it stops being notation. */
    parse(text) {
        const expression = new Map();
        const end = text.trimEnd().length;
        let position = text.length - text.trimStart().length;
        if (position >= end || ["neutral", "0", "au0"].includes(text.slice(position, end).toLowerCase())) {
            return expression;
        }
        const given = new Set();
        for (;;) {
            const term = this.#term(text, position);
            for (const side of term.side === "" ? ["L", "R"] : [term.side]) {
                if (given.has(term.unit + side)) {
                    throw mistake(position, "AU{unit} is given twice", { unit: term.unit });
                }
                given.add(term.unit + side);
            }
            const [left, right] = expression.get(term.unit) ?? [0, 0];
            expression.set(term.unit, [
                term.side !== "R" ? term.value : left,
                term.side !== "L" ? term.value : right,
            ]);
            if (term.end >= end) {
                return normal(expression);
            }
            const separator = at(SEPARATOR, text, term.end);
            if (!separator) {
                throw mistake(term.end, '"{text}" cannot stand here', { text: text.slice(term.end, term.end + 12) });
            }
            position = term.end + separator[0].length;
            if (position >= end) {
                throw mistake(end - 1, "a unit is missing at the end");
            }
        }
    }

    #term(text, position) {
        const match = at(TERM, text, position);
        if (!match) {
            const word = text.slice(position).split(/\s/)[0].slice(0, 20);
            throw mistake(position, '"{text}" is not an action unit; write 12, 12D, L12D or 12=3.5', { text: word });
        }
        const unit = this.units.get(Number(match[2]));
        if (!unit) {
            throw mistake(position, "there is no action unit {unit}", { unit: match[2] });
        }
        const side = match[1].toUpperCase();
        if (!["", "L", "R"].includes(side)) {
            throw mistake(position, "{side} is not a side; write L, R or none", { side });
        }
        if (side && unit.sides === "together") {
            throw mistake(position, "AU{unit} has no sides", { unit: unit.unit });
        }
        if (!side && unit.sides === "one") {
            throw mistake(position, "AU{unit} needs a side: L{unit} or R{unit}", { unit: unit.unit });
        }
        const after = position + match[0].length;
        const intensity = at(INTENSITY, text, after);
        if (!intensity) {
            return { unit: unit.unit, side, value: unit.default, end: after };
        }
        const value = intensityOf((intensity[1] ?? intensity[2] ?? intensity[3]).trim());
        if (value === null) {
            throw mistake(after, '"{text}" is not an intensity; write A to E or =0 to =5', { text: intensity[0].trim() });
        }
        return { unit: unit.unit, side, value, end: after + intensity[0].length };
    }

    /** Return canonical notation, "neutral" for the neutral face. */
    write(expression) {
        const terms = [];
        for (const [unit, [left, right]] of normal(expression)) {
            if (left === right && this.units.get(unit).sides !== "one") {
                terms.push(`${unit}${writeIntensity(left)}`);
            } else {
                if (left) terms.push(`L${unit}${writeIntensity(left)}`);
                if (right) terms.push(`R${unit}${writeIntensity(right)}`);
            }
        }
        return terms.join("+") || "neutral";
    }

    /** Return the expression with left and right exchanged. */
    mirrored(expression) {
        const turned = [...expression].map(([unit, [left, right]]) => [this.units.get(unit).mirror, [right, left]]);
        return normal(new Map(turned));
    }

    /** Return the pairs that do not go together: {first, second, side, kind, possible, because}. */
    conflicts(expression) {
        const found = [];
        for (const rule of this.rules) {
            const meetings = this.#meetings(rule, expression);
            const same = meetings.length === 2 && rule.first !== rule.second &&
                meetings.every((meeting) => meeting.one === meetings[0].one && meeting.two === meetings[0].two) &&
                meetings.every((meeting) => meeting.side !== "both");
            for (const { one, two, side } of same ? [{ ...meetings[0], side: "both" }] : meetings) {
                const possible = rule.kind === "antagonists" ? one + two - rule.limit <= SLACK : rule.kind === "hides";
                found.push({ ...rule, side, possible });
            }
        }
        return found;
    }

    /** Return what a face can do of an expression; the same rules as `resolve` of the package. */
    resolved(expression) {
        const values = new Map(); // "12L", "12R" or "26C" -> intensity
        for (const [unit, [left, right]] of expression) {
            if (this.units.get(unit).sides === "together") values.set(`${unit}C`, left);
            else {
                if (left) values.set(`${unit}L`, left);
                if (right) values.set(`${unit}R`, right);
            }
        }
        const kept = this.#weakened(this.#excluded(values));
        const found = new Map();
        for (const [atom, value] of kept) {
            const [unit, side] = [parseInt(atom), atom.at(-1)];
            const [left, right] = found.get(unit) ?? [0, 0];
            found.set(unit, [side === "R" ? left : value, side === "L" ? right : value]);
        }
        return normal(found);
    }

    // The stronger of every excluding pair stays: an atom stays if nothing that stays excludes it.
    #excluded(values) {
        const rules = this.rules.filter((rule) => rule.kind === "exclusive" || rule.kind === "degrees");
        const between = (one, two) => {
            const [first, second] = [parseInt(one), parseInt(two)];
            const [side, other] = [one.at(-1), two.at(-1)];
            const meet = first === second ? side !== other : side === other || side === "C" || other === "C";
            return meet && rules.find((rule) => (rule.first === first && rule.second === second) ||
                (rule.first === second && rule.second === first));
        };
        const stays = (one, two) => {
            if (values.get(one) !== values.get(two)) return values.get(one) > values.get(two);
            const [first, second] = [parseInt(one), parseInt(two)];
            if (first === second || this.units.get(first).mirror === second) return false;
            return between(one, two).first === first;
        };
        const atoms = [...values.keys()];
        const rivals = new Map(atoms.map((one) => [one, atoms.filter((two) => two !== one && between(one, two))]));
        const kept = new Set();
        const undecided = new Set(atoms);
        while (undecided.size) {
            const winners = [...undecided]
                .filter((one) => rivals.get(one).every((two) => !undecided.has(two) || stays(one, two)));
            if (!winners.length) { // equal left and right have no winner: both go
                const top = Math.max(...[...undecided].map((one) => values.get(one)));
                for (const one of [...undecided]) if (values.get(one) === top) undecided.delete(one);
                continue;
            }
            for (const one of winners) {
                kept.add(one);
                undecided.delete(one);
            }
            for (const one of winners) for (const two of rivals.get(one)) undecided.delete(two);
        }
        return new Map([...values].filter(([one]) => kept.has(one)));
    }

    // Antagonists are lowered until each pair meets its limit, the weaker one more.
    #weakened(values) {
        for (const rule of this.rules.filter((each) => each.kind === "antagonists")) {
            const lowered = [];
            const atoms = (unit) => ["L", "R", "C"].map((side) => `${unit}${side}`).filter((atom) => values.has(atom));
            for (const first of atoms(rule.first)) {
                for (const second of atoms(rule.second)) {
                    const sides = [first.at(-1), second.at(-1)];
                    if (sides[0] !== sides[1] && !sides.includes("C")) continue;
                    const [one, two] = [values.get(first), values.get(second)];
                    const excess = one + two - rule.limit;
                    if (excess > SLACK) {
                        lowered.push([first, one - excess * two / (one + two)], [second, two - excess * one / (one + two)]);
                    }
                }
            }
            for (const [atom, value] of lowered) {
                values.set(atom, Math.min(values.get(atom), Math.trunc(value * 1e4) / 1e4));
            }
        }
        return values;
    }

    #meetings(rule, expression) {
        const atoms = (unit) => {
            const values = expression.get(unit);
            if (!values) return [];
            if (this.units.get(unit).sides === "together") return [["both", values[0]]];
            return [["left", values[0]], ["right", values[1]]].filter(([, value]) => value > 0);
        };
        const first = atoms(rule.first);
        if (rule.first === rule.second) {
            return first.length === 2 ? [{ one: first[0][1], two: first[1][1], side: "both" }] : [];
        }
        const meetings = [];
        for (const [oneSide, one] of first) {
            for (const [twoSide, two] of atoms(rule.second)) {
                if (oneSide === twoSide || oneSide === "both" || twoSide === "both") {
                    meetings.push({ one, two, side: oneSide !== "both" ? oneSide : twoSide });
                }
            }
        }
        return meetings;
    }

    /** Return the units that a text searches for: a number, or words in name, muscles or description.
     * @param named returns further words of a unit, such as its name in another language */
    search(text, named = () => "") {
        const query = text.trim().toLowerCase();
        const number = query.match(/^(?:au\s*)?([0-9]+)$/);
        if (number) {
            return [...this.units.values()].filter((unit) => unit.unit === Number(number[1]));
        }
        const words = query.split(/\s+/).filter(Boolean);
        const searched = (unit) => `${unit.plain} ${unit.region} ${unit.words} ${named(unit)}`.toLowerCase();
        return [...this.units.values()].filter((unit) => words.every((word) => searched(unit).includes(word)));
    }
}

/** Return the letter nearest to an intensity, "" for 0. */
export function letter(value) {
    return value > 0 ? LETTERS[Math.max(1, Math.floor(value + 0.5)) - 1] : "";
}

function at(pattern, text, position) {
    pattern.lastIndex = position;
    return text.match(pattern);
}

function mistake(index, reason, values = {}) {
    const error = new Error(`Character ${index + 1}: ${filled(reason, values)}.`);
    return Object.assign(error, { position: index + 1, reason, values });
}

function intensityOf(written) {
    const range = written.match(RANGE);
    if (range) {
        const low = LETTERS.indexOf(range[1].toUpperCase()) + 1;
        const high = LETTERS.indexOf((range[2] ?? range[1]).toUpperCase()) + 1;
        return high < low ? null : (low + high) / 2;
    }
    const value = NUMBER.test(written) ? Number(written) : NaN;
    return value >= 0 && value <= 5 ? rounded(value) : null;
}

function writeIntensity(value) {
    return Number.isInteger(value) ? LETTERS[value - 1] : `=${String(rounded(value))}`;
}

function rounded(value) {
    return Math.round(value * 1e4) / 1e4;
}

function normal(expression) {
    const present = [...expression]
        .map(([unit, [left, right]]) => [unit, [rounded(left), rounded(right)]])
        .filter(([, [left, right]]) => left > 0 || right > 0);
    return new Map(present.sort(([one], [two]) => one - two));
}
