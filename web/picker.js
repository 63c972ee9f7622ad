// The face picker: a drawn face to drag, sliders, presets, search and FACS notation, all of one expression.

import { FaceDrawing, make } from "./drawing.js";
import { element } from "./element.js";
import { letter } from "./expression.js";
import { HANDLES } from "./geometry.js";
import { presetButtons } from "./presets.js";
import { SliderList } from "./sliders.js";

const PIXELS_PER_LETTER = 7; // of the drawing, which is 300 wide
const HISTORY = 200;

export class FacePicker {
    /**
     * @param language a Language
     * @param geometry a Geometry
     * @param texts a Texts
     * @param onChange called with the notation whenever a person has changed the face, and whether the change is over
     */
    constructor(language, geometry, texts, onChange) {
        this.language = language;
        this.geometry = geometry;
        this.texts = texts;
        this.onChange = onChange;
        this.expression = new Map();
        this.past = [];
        this.future = [];
        this.linked = true;
        this.element = element("div", { class: "auface-picker" });
        this.#build();
        this.element.addEventListener("keydown", (event) => this.#onKey(event));
        // The graph behind the widget must not move, zoom or delete because of what happens on the face.
        for (const type of ["pointerdown", "wheel", "dblclick", "contextmenu", "paste", "copy", "cut"]) {
            this.element.addEventListener(type, (event) => event.stopPropagation(), { passive: true });
        }
        this.#show();
    }

    /** Say everything in another language. */
    translate(texts) {
        this.texts = texts;
        this.#build();
        if (this.invalid === undefined) this.#show();
        else this.value = this.invalid;
    }

    #build() {
        this.element.replaceChildren();
        this.#buildToolbar();
        const stage = element("div", { class: "stage" }, this.element);
        this.#buildFace(stage);
        this.sliders = new SliderList(this.language, this.texts, (unit, sides, done) => this.#slide(unit, sides, done));
        stage.append(this.sliders.element);
        this.#buildText();
        this.#showLink();
    }

    /** The expression in FACS notation. Setting what cannot be read leaves the face and shows why. */
    get value() {
        return this.invalid ?? this.language.write(this.expression);
    }

    set value(text) {
        try {
            this.expression = this.language.parse(text || "neutral");
            this.invalid = undefined;
        } catch (error) {
            this.invalid = text;
            this.#show();
            this.#complain(this.texts.explain(error));
            return;
        }
        this.past = [];
        this.future = [];
        this.#show();
    }

    #buildToolbar() {
        const say = (text) => this.texts.say(text);
        const bar = element("div", { class: "toolbar", role: "toolbar", "aria-label": say("Face") }, this.element);
        const button = (text, title, action, attributes = {}) => {
            const made = element("button", { type: "button", title, "aria-label": title, ...attributes }, bar);
            made.textContent = text;
            made.addEventListener("click", action);
            return made;
        };
        this.presetButton = button(`${say("Presets")} ▾`, say("Start from an emotion"), () => this.#togglePresets(), {
            "aria-expanded": "false", class: "wide",
        });
        this.search = element("input", {
            type: "search", placeholder: say("Search: brow, smile, 12 …"), "aria-label": say("Search movements"),
        }, bar);
        this.search.addEventListener("input", () => this.sliders.filter(this.search.value));
        this.undoButton = button("↶", say("Undo (Ctrl+Z)"), () => this.undo());
        this.redoButton = button("↷", say("Redo (Ctrl+Shift+Z)"), () => this.redo());
        button("⇄", say("Mirror left and right"), () => this.#change(this.language.mirrored(this.expression)));
        this.linkButton = button("L=R", "", () => this.#link(), { class: "link" });
        button(say("Reset"), say("Back to the neutral face"), () => this.#change(new Map()), { class: "wide" });
    }

    #buildFace(stage) {
        const frame = element("div", { class: "frame" }, stage);
        this.drawing = new FaceDrawing(this.geometry);
        frame.append(this.drawing.svg);
        this.drawing.svg.setAttribute("role", "group");
        this.drawing.svg.setAttribute("aria-label",
            this.texts.say("Face, seen from the front; the person's left is on the right"));
        this.handles = [];
        for (const handle of HANDLES) {
            for (const side of handle.middle ? ["left"] : ["right", "left"]) {
                const group = make("g", { class: "handle", tabindex: 0, role: "slider",
                    "aria-label": this.#explain(handle, side), "aria-valuemin": -5, "aria-valuemax": 5 },
                this.drawing.features);
                make("circle", { class: "halo", r: 13 }, group);
                make("circle", { class: "dot", r: 4.5 }, group);
                make("title", {}, group).textContent = this.#explain(handle, side);
                group.addEventListener("pointerdown", (event) => this.#drag(event, handle, side, group));
                group.addEventListener("keydown", (event) => this.#nudge(event, handle, side));
                group.addEventListener("focus", () => this.#hint(this.#explain(handle, side)));
                group.addEventListener("pointerenter", () => this.#hint(this.#explain(handle, side)));
                group.addEventListener("pointerleave", () => this.#hint());
                this.handles.push({ ...handle, side, group });
            }
        }
        this.hint = element("div", { class: "hint", "aria-live": "polite" }, frame);
        this.presets = element("div", { class: "presets", hidden: "" }, frame);
        this.#hint();
    }

    #buildText() {
        const row = element("div", { class: "text" }, this.element);
        this.text = element("input", {
            type: "text", spellcheck: "false", "aria-label": this.texts.say("FACS notation"),
            placeholder: this.texts.say("FACS notation: 1+2C+L12D+26"),
        }, row);
        this.text.addEventListener("input", () => this.#type(false));
        this.text.addEventListener("change", () => this.#type(true));
        this.status = element("div", { class: "status", role: "status" }, this.element);
    }

    #explain(handle, side) {
        const arrows = { up: "↑", down: "↓", out: side === "left" ? "→" : "←", in: side === "left" ? "←" : "→" };
        const ways = ["up", "down", "out", "in"].filter((way) => handle[way])
            .map((way) => `${arrows[way]} ${this.#name(handle[way])} (AU${handle[way]})`).join("   ");
        const place = this.texts.say(handle.name);
        if (handle.middle) return this.texts.say("{place}: {ways}", { place, ways });
        return this.texts.say("{side} {place}: {ways}", { side: this.texts.say(side), place, ways });
    }

    #drag(event, handle, side, group) {
        event.preventDefault();
        event.stopPropagation();
        group.focus();
        group.setPointerCapture(event.pointerId);
        const scale = 300 / this.drawing.svg.getBoundingClientRect().width;
        const start = { x: event.clientX, y: event.clientY, expression: new Map(this.expression) };
        let axis = null;
        const outward = side === "left" ? 1 : -1;
        const move = (moved) => {
            const dx = (moved.clientX - start.x) * scale * outward;
            const dy = (moved.clientY - start.y) * scale;
            if (!axis && Math.hypot(dx, dy) > 3) {
                axis = Math.abs(dx) > Math.abs(dy) && (handle.out || handle.in) ? "x" : "y";
            }
            if (!axis) return;
            const amount = (axis === "x" ? dx : -dy) / PIXELS_PER_LETTER;
            const [plus, minus] = axis === "x" ? [handle.out, handle.in] : [handle.up, handle.down];
            this.invalid = undefined;
            this.expression = this.#moved(start.expression, plus, minus, side, amount, moved.shiftKey ? 0.1 : 0.5);
            this.#show();
            this.onChange(this.value, false);
        };
        const end = () => {
            group.removeEventListener("pointermove", move);
            this.#remember(start.expression);
            this.onChange(this.value, true);
        };
        group.addEventListener("pointermove", move);
        group.addEventListener("pointerup", end, { once: true });
        group.addEventListener("pointercancel", end, { once: true });
    }

    #nudge(event, handle, side) {
        const outward = side === "left" ? "ArrowRight" : "ArrowLeft";
        const horizontal = ["ArrowLeft", "ArrowRight"].includes(event.key) && (handle.out || handle.in);
        const vertical = ["ArrowUp", "ArrowDown"].includes(event.key);
        if (!horizontal && !vertical) return;
        event.preventDefault();
        event.stopPropagation();
        const towards = horizontal ? event.key === outward : event.key === "ArrowUp";
        const [plus, minus] = horizontal ? [handle.out, handle.in] : [handle.up, handle.down];
        const step = event.shiftKey ? 0.1 : 0.5;
        this.#change(this.#moved(this.expression, plus, minus, side, towards ? step : -step, step));
    }

    /** Return the expression with two opposing units moved along one axis. */
    #moved(expression, plus, minus, side, amount, step) {
        const index = side === "left" ? 0 : 1;
        const at = (unit) => (unit ? expression.get(unit)?.[index] ?? 0 : 0);
        const position = Math.round((at(plus) - at(minus) + amount) / step) * step;
        const next = new Map(expression);
        for (const [unit, value] of [[plus, position], [minus, -position]]) {
            if (unit) this.#put(next, unit, side, Math.min(5, Math.max(0, Number(value.toFixed(2)))));
        }
        return next;
    }

    #put(expression, unit, side, value) {
        const sides = this.language.units.get(unit).sides;
        const [left, right] = expression.get(unit) ?? [0, 0];
        const both = sides === "together" || (sides === "each" && this.linked);
        expression.set(unit, both ? [value, value] : side === "left" ? [value, right] : [left, value]);
        if (!expression.get(unit).some(Boolean)) expression.delete(unit);
    }

    #slide(unit, { left, right }, done) {
        this.before ??= new Map(this.expression);
        const next = new Map(this.expression);
        const [oldLeft, oldRight] = next.get(unit) ?? [0, 0];
        next.set(unit, [left ?? oldLeft, right ?? oldRight]);
        if (!next.get(unit).some(Boolean)) next.delete(unit);
        this.invalid = undefined;
        this.expression = next;
        this.#show();
        if (done) {
            this.#remember(this.before);
            this.before = undefined;
        }
        this.onChange(this.value, done);
    }

    #type(done) {
        let typed;
        try {
            typed = this.language.parse(this.text.value.trim() || "neutral");
        } catch (error) {
            this.#complain(this.texts.explain(error));
            return;
        }
        this.typedFrom ??= new Map(this.expression);
        this.invalid = undefined;
        this.expression = typed;
        this.#show(!done);
        if (done) {
            this.#remember(this.typedFrom);
            this.typedFrom = undefined;
        }
        this.onChange(this.value, done);
    }

    #change(expression) {
        const before = this.expression;
        this.invalid = undefined;
        this.expression = expression;
        this.#remember(before);
        this.#show();
        this.onChange(this.value, true);
    }

    #remember(before) {
        if (this.language.write(before) === this.language.write(this.expression)) return;
        this.past = [...this.past.slice(-HISTORY), before];
        this.future = [];
        this.#showHistory();
    }

    /** Take back the last change. */
    undo() {
        if (!this.past.length) return;
        this.future.push(this.expression);
        this.invalid = undefined;
        this.expression = this.past.pop();
        this.#show();
        this.onChange(this.value, true);
    }

    /** Do again what was taken back. */
    redo() {
        if (!this.future.length) return;
        this.past.push(this.expression);
        this.invalid = undefined;
        this.expression = this.future.pop();
        this.#show();
        this.onChange(this.value, true);
    }

    #onKey(event) {
        const key = event.key.toLowerCase();
        const command = event.ctrlKey || event.metaKey;
        if (command && key === "enter") return; // runs the workflow
        // ComfyUI takes back changes itself, except where an input has the focus.
        if (command && event.target.tagName === "INPUT" && event.target !== this.text) {
            if (key === "z" || key === "y") {
                event.preventDefault();
                if (key === "y" || event.shiftKey) this.redo();
                else this.undo();
            }
        } else if (key === "escape" && !this.presets.hidden) {
            this.#togglePresets();
            this.presetButton.focus();
        }
        event.stopPropagation();
    }

    #name(unit) {
        return this.texts.say(this.language.units.get(unit).plain);
    }

    #link() {
        this.linked = !this.linked;
        this.#showLink();
        this.#show();
    }

    #showLink() {
        this.linkButton.setAttribute("aria-pressed", String(this.linked));
        this.linkButton.textContent = this.linked ? "L=R" : "L | R";
        const title = this.linked
            ? this.texts.say("Left and right move together; press to move them apart")
            : this.texts.say("Left and right move apart; press to move them together");
        Object.assign(this.linkButton, { title, ariaLabel: title });
        this.sliders.link(this.linked);
    }

    #togglePresets() {
        if (!this.presets.childElementCount) {
            this.presets.append(...presetButtons(this.language, this.geometry, this.texts, (notation) => {
                this.#change(this.language.parse(notation));
                this.#togglePresets();
                this.presetButton.focus();
            }));
        }
        this.presets.hidden = !this.presets.hidden;
        this.presetButton.setAttribute("aria-expanded", String(!this.presets.hidden));
        if (!this.presets.hidden) this.presets.querySelector("button").focus();
    }

    #show(typing = false) {
        this.drawing.show(this.expression);
        this.sliders.show(this.expression);
        for (const { group, point, side, middle, up, down, out, in: inward } of this.handles) {
            const [x, y] = this.drawing.at[side][point];
            group.setAttribute("transform", `translate(${middle ? 150 : x} ${y})`);
            const index = side === "left" ? 0 : 1;
            const values = [up, down, out, inward].map((unit) => (unit ? this.expression.get(unit)?.[index] ?? 0 : 0));
            group.classList.toggle("active", values.some((value) => value > 0));
            const [first, second] = [values[0] - values[1], values[2] - values[3]];
            group.setAttribute("aria-valuenow", first || second);
        }
        if (!typing) this.text.value = this.value;
        this.#showHistory();
        this.#showConflicts();
    }

    #showHistory() {
        this.undoButton.disabled = !this.past.length;
        this.redoButton.disabled = !this.future.length;
    }

    #showConflicts() {
        this.text.removeAttribute("aria-invalid");
        const conflicts = this.language.conflicts(this.expression);
        this.sliders.warn(new Set(conflicts.filter((each) => !each.possible).flatMap((each) => [each.first, each.second])));
        const ordered = [...conflicts].sort((one, two) => one.possible - two.possible);
        this.status.replaceChildren(...ordered.map((conflict) => {
            const where = conflict.side === "both" ? "" : ` (${this.texts.say(conflict.side)})`;
            const name = (number) => `${this.#name(number)} AU${number}`;
            const line = element("div", { class: conflict.possible ? "note" : "warning" });
            line.textContent = `${conflict.possible ? "•" : "⚠"} ${name(conflict.first)} × ${name(conflict.second)}${where}: ` +
                `${this.texts.say(conflict.because)}.`;
            return line;
        }));
        if (!conflicts.length) {
            const line = element("div", { class: "note" }, this.status);
            const units = [...this.expression].sort(([one], [two]) => one - two).map(([unit, [left, right]]) => {
                const side = left && right ? "" : ` (${this.texts.say(left ? "left" : "right")})`;
                return `${this.#name(unit)} ${letter(Math.max(left, right))}${side}`;
            });
            line.textContent = units.join(", ") ||
                this.texts.say("Neutral face. Drag a dot, move a slider, or start from a preset.");
        }
    }

    #complain(message) {
        this.text.setAttribute("aria-invalid", "true");
        const line = element("div", { class: "warning" });
        line.textContent = message;
        this.status.replaceChildren(line);
    }

    #hint(text = "") {
        this.hint.textContent = text || this.texts.say("right side · face · left side");
        this.hint.classList.toggle("idle", !text);
    }
}
