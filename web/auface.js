// What ComfyUI's page loads: the widget type of the face picker.

import { app } from "../../scripts/app.js";
import { Language } from "./expression.js";
import { Geometry } from "./geometry.js";
import { FacePicker } from "./picker.js";
import { textsOf } from "./texts.js";

const NODE = "AUFacePickExpression";
const WIDGET = "AUFACE_PICKER";
const LOCALE = "Comfy.Locale";
const SIZE = { width: 640, height: 520, minWidth: 300, minHeight: 430 };

async function load(name) {
    const answer = await fetch(new URL(name, import.meta.url));
    if (!answer.ok) throw new Error(`AUFace: ${name} could not be loaded (${answer.status}).`);
    return answer;
}

function addStyle() {
    const href = new URL("./picker.css", import.meta.url).href;
    if (document.querySelector(`link[href="${href}"]`)) return;
    const link = document.createElement("link");
    Object.assign(link, { rel: "stylesheet", href });
    document.head.append(link);
}

// Lets the page take back each change by itself.
function rememberForUndo() {
    const tracker = app.extensionManager?.workflow?.activeWorkflow?.changeTracker;
    if (tracker?.captureCanvasState) tracker.captureCanvasState();
    else tracker?.checkState?.();
}

const pickers = new Set(); // weak references, since nodes come and go

// Follows the language of the page.
async function translate(locale) {
    const texts = await textsOf(locale);
    for (const reference of pickers) {
        const picker = reference.deref();
        if (picker) picker.translate(texts);
        else pickers.delete(reference);
    }
    return texts;
}

function addPicker(language, geometry, texts, node, name, inputData) {
    const changed = (value, done) => {
        widget.callback?.(value);
        node.graph?.setDirtyCanvas?.(true, true);
        if (done) rememberForUndo();
    };
    const picker = new FacePicker(language, geometry, texts, changed);
    pickers.add(new WeakRef(picker));
    picker.value = inputData?.[1]?.default ?? "neutral";
    const widget = node.addDOMWidget(name, WIDGET, picker.element, {
        getValue: () => picker.value,
        setValue: (value) => {
            if (value !== picker.value) picker.value = String(value ?? "neutral");
        },
        getMinHeight: () => SIZE.minHeight,
        hideOnZoom: false,
        selectOn: [],
    });
    return { widget, minWidth: SIZE.minWidth, minHeight: SIZE.minHeight };
}

// When the page takes back a change it makes every node anew, but its Vue renderer (seen in 1.47) keeps showing the
// element of the old one where both have the same number. The new node's element takes its place.
function replaceStale() {
    for (const graph of [app.graph, ...(app.graph.subgraphs?.values() ?? [])]) {
        for (const node of graph.nodes.filter((each) => each.comfyClass === NODE)) {
            const current = node.widgets?.find((widget) => widget.type === WIDGET)?.element;
            const shown = document.querySelector(`[data-node-id="${node.id}"] .auface-picker`);
            if (current && shown && shown !== current && !current.isConnected) shown.replaceWith(current);
        }
    }
}

app.registerExtension({
    name: "AUFace.FacePicker",

    async getCustomWidgets() {
        addStyle();
        const [words, shapes] = await Promise.all(["./face_data.json", "./face_geometry.json"].map(load));
        const language = new Language(await words.json());
        const geometry = new Geometry(await shapes.json(), language);
        let texts = await textsOf(app.ui.settings.getSettingValue(LOCALE));
        app.ui.settings.addEventListener(`${LOCALE}.change`, async (event) => {
            texts = await translate(event.detail.value);
        });
        return { [WIDGET]: (node, name, inputData) => addPicker(language, geometry, texts, node, name, inputData) };
    },

    afterConfigureGraph() {
        for (const delay of [0, 100, 500]) setTimeout(replaceStale, delay);
    },

    nodeCreated(node) {
        if (node.comfyClass !== NODE) return;
        node.setSize([Math.max(node.size[0], SIZE.width), Math.max(node.size[1], SIZE.height)]);
    },
});
