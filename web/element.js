// A helper for the parts of the face picker.

/** Return an HTML element with attributes, appended to a parent. */
export function element(tag, attributes = {}, parent = null) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    parent?.append(made);
    return made;
}
