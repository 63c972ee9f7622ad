// The words of the face picker in the language of the page. English is written where it is used; the files in texts/
// hold, for each other language, English -> translation.

const LANGUAGES = ["de", "es", "fr", "ja", "ko", "zh"];

/** Return the words of a language of the page, such as "fr" or "zh-TW"; English where there are none. */
export async function textsOf(locale) {
    const language = String(locale ?? "en").toLowerCase().split(/[-_]/)[0];
    if (!LANGUAGES.includes(language)) return new Texts();
    const answer = await fetch(new URL(`./texts/${language}.json`, import.meta.url));
    if (!answer.ok) throw new Error(`AUFace: the texts of ${language} could not be loaded (${answer.status}).`);
    return new Texts(await answer.json());
}

export class Texts {
    /** @param words English -> translation */
    constructor(words = {}) {
        this.words = words;
    }

    /** Return a text in the page's language, with values in the place of {names}. */
    say(text, values = {}) {
        return filled(this.words[text] ?? text, values);
    }

    /** Return what an error of the language says. */
    explain(error) {
        if (!error.reason) return error.message;
        const reason = this.say(error.reason, error.values);
        return this.say("Character {position}: {reason}.", { position: error.position, reason });
    }
}

/** Return a text with values in the place of {names}. */
export function filled(text, values) {
    return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}
