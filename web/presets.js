// The presets of the face picker: a button with a drawn face for each emotion.

import { FaceDrawing } from "./drawing.js";
import { element } from "./element.js";

/** Return the buttons; `pick` is called with the notation of the one that is pressed. */
export function presetButtons(language, geometry, texts, pick) {
    const neutral = { name: "neutral", notation: "neutral" };
    return [neutral, ...language.presets].map(({ name, notation }) => {
        const label = texts.say(name.replaceAll("_", " "));
        const button = element("button", { type: "button", title: `${label}: ${notation}` });
        const face = new FaceDrawing(geometry, { small: true });
        face.show(language.parse(notation));
        button.append(face.svg);
        element("span", {}, button).textContent = label;
        button.addEventListener("click", () => pick(notation));
        return button;
    });
}
