// What the scripts of the page share: a browser on the real page of ComfyUI, in one of its two renderers.

import { createRequire } from "node:module";

/** Open a page, let `look(page, seen)` look at it, and print `seen` with what went wrong as one JSON object. */
export async function inBrowser({ playwright, url, renderer, width }, look) {
    const { chromium } = createRequire(`${playwright}/`)("playwright-core");
    const set = (name, value) => fetch(`${url}/api/settings/${name}`, {
        method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(value),
    });
    await set("Comfy.TutorialCompleted", true);
    await set("Comfy.Locale", "en");
    await set("Comfy.VueNodes.Enabled", renderer === "vue");
    await set("Comfy.VueNodes.AutoScaleLayout", false);

    const browser = await chromium.launch({
        executablePath: "/usr/bin/chromium",
        args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
    });
    const seen = { errors: [] };
    let page;
    try {
        page = await browser.newPage({ viewport: { width, height: 950 } });
        page.on("pageerror", (error) => seen.errors.push(String(error.stack ?? error)));
        await look(page, seen);
    } catch (error) {
        const held = await page?.evaluate(() => window.app?.graph?.nodes?.map((node) => node.type)).catch(String);
        seen.failure = `${error.stack ?? error}\nThe page held the nodes ${held}.`;
    } finally {
        await browser.close();
    }
    process.stdout.write(JSON.stringify(seen));
}

/** The expression that the page's face picker holds. */
export const picked = (page) => page.evaluate(() =>
    window.app.graph.nodes.find((each) => each.type === "AUFacePickExpression").widgets.find((each) => each.name === "face").value);

/** "success", or the error, of the next run to end; to be asked for before it begins. */
export const ended = (page) => page.evaluate(() => new Promise((resolve) => {
    window.app.api.addEventListener("execution_success", () => resolve("success"), { once: true });
    window.app.api.addEventListener("execution_error", (event) => resolve(JSON.stringify(event.detail)), { once: true });
}));
