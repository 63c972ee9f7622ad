// The list of sliders: one row a unit, grouped by region, with one slider for both sides or one for each.

import { letter } from "./expression.js";

const REGIONS = {
    brow: "Brows", eye: "Eyes", nose: "Nose", cheek: "Cheeks", mouth: "Mouth", chin: "Chin", jaw: "Jaw", neck: "Neck",
    gaze: "Gaze", head: "Head",
};

export class SliderList {
    /**
     * @param texts a Texts
     * @param onSlide called with unit, {left, right} of what has changed, and whether the slider was let go
     */
    constructor(language, texts, onSlide) {
        this.language = language;
        this.texts = texts;
        this.onSlide = onSlide;
        this.linked = true;
        this.rows = new Map();
        this.groups = [];
        this.element = make("div", "sliders");
        this.tabs = make("div", "tabs", this.element);
        this.tabs.setAttribute("role", "group");
        this.tabs.setAttribute("aria-label", texts.say("Regions"));
        this.list = make("div", "list", this.element);
        this.#tab(texts.say("Used"), () => this.#only((row) => row.classList.contains("used")));
        this.#tab(texts.say("All"), () => this.#only(() => true));
        for (const [region, english] of Object.entries(REGIONS)) {
            const name = texts.say(english);
            const units = [...language.units.values()].filter((unit) => unit.region === region);
            this.#tab(name, () => this.#only((row) => row.dataset.region === region));
            const group = make("section", "", this.list);
            make("h4", "", group).textContent = name;
            for (const unit of units) this.#row(unit, group);
            this.groups.push(group);
        }
        this.empty = make("div", "empty", this.list);
        this.empty.textContent = texts.say("Nothing here. Drag a dot on the face, or choose a region.");
        this.#press(this.tabs.children[1]);
    }

    #tab(name, action) {
        const button = make("button", "", this.tabs);
        button.type = "button";
        button.textContent = name;
        button.addEventListener("click", () => {
            action();
            this.#press(button);
        });
    }

    #press(button) {
        for (const tab of this.tabs.children) tab.setAttribute("aria-pressed", String(tab === button));
    }

    #row(unit, group) {
        const row = make("div", "row", group);
        row.dataset.region = unit.region;
        row.title = unit.label;
        const plain = this.texts.say(unit.plain);
        make("span", "name", row).textContent = plain;
        make("span", "code", row).textContent = `AU${unit.unit}`;
        const sides = unit.sides === "together" ? ["both"] : ["both", "right", "left"];
        const inputs = {};
        for (const side of sides) {
            const label = make("label", `side ${side}`, row);
            if (side !== "both") make("span", "", label).textContent = side === "left" ? "L" : "R";
            const input = make("input", "", label);
            Object.assign(input, { type: "range", min: 0, max: 5, step: 0.25, value: 0 });
            input.setAttribute("aria-label", `${plain}, AU${unit.unit}${side === "both" ? "" : `, ${this.texts.say(side)}`}`);
            const slide = (done) => {
                const value = Number(input.value);
                const changed = side === "both" ? { left: value, right: value } : { [side]: value };
                this.onSlide(unit.unit, changed, done);
            };
            input.addEventListener("input", () => slide(false));
            input.addEventListener("change", () => slide(true));
            input.addEventListener("dblclick", () => {
                input.value = 0;
                slide(true);
            });
            inputs[side] = input;
        }
        const value = make("output", "value", row);
        this.rows.set(unit.unit, { row, inputs, value, unit });
        this.#arrange(unit.unit);
    }

    #arrange(number) {
        const { row, inputs, unit } = this.rows.get(number);
        const apart = unit.sides === "one" || (unit.sides === "each" && (!this.linked || row.classList.contains("uneven")));
        row.classList.toggle("apart", apart);
        for (const [side, input] of Object.entries(inputs)) {
            input.parentElement.hidden = (side === "both") === apart;
        }
    }

    /** Move left and right together, or apart. */
    link(linked) {
        this.linked = linked;
        for (const number of this.rows.keys()) this.#arrange(number);
    }

    /** Set the sliders to an expression. */
    show(expression) {
        for (const [number, { row, inputs, value }] of this.rows) {
            const [left, right] = expression.get(number) ?? [0, 0];
            const high = Math.max(left, right);
            row.classList.toggle("used", high > 0);
            const uneven = left !== right;
            if (row.classList.contains("uneven") !== uneven) {
                row.classList.toggle("uneven", uneven);
                this.#arrange(number);
            }
            for (const [side, at] of [["both", high], ["left", left], ["right", right]]) {
                if (!inputs[side]) continue;
                inputs[side].value = at;
                inputs[side].style.setProperty("--share", `${at * 20}%`);
                inputs[side].setAttribute("aria-valuetext", at ? `${at} (${letter(at)})` : "0");
            }
            value.textContent = high ? letter(high) : "–";
        }
    }

    /** Mark the units that cannot be held together. */
    warn(units) {
        for (const [number, { row }] of this.rows) row.classList.toggle("conflict", units.has(number));
    }

    /** Show the units that a text searches for. */
    filter(text) {
        const found = new Set(this.language.search(text, (unit) => this.texts.say(unit.plain)).map((unit) => unit.unit));
        this.#only((_, number) => found.has(number));
        this.#press(this.tabs.children[text.trim() ? -1 : 1]);
    }

    #only(wanted) {
        let count = 0;
        for (const [number, { row }] of this.rows) {
            row.hidden = !wanted(row, number);
            count += row.hidden ? 0 : 1;
        }
        for (const group of this.groups) {
            group.hidden = [...group.children].slice(1).every((row) => row.hidden);
        }
        this.empty.hidden = count > 0;
        this.list.scrollTop = 0;
    }
}

function make(tag, name = "", parent = null) {
    const made = document.createElement(tag);
    if (name) made.className = name;
    parent?.append(made);
    return made;
}
