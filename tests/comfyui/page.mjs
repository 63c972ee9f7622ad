// Drives the real page of ComfyUI in a browser: node page.mjs PLAYWRIGHT URL RENDERER WORKFLOW FOLDER
// Prints one JSON object of what was seen, and leaves screenshots in FOLDER.

import { readFileSync } from "node:fs";
import { ended, inBrowser, picked } from "./browser.mjs";

const [playwright, url, renderer, workflow, folder] = process.argv.slice(2);

await inBrowser({ playwright, url, renderer, width: 1500 }, async (page, seen) => {
    await page.goto(url);
    await page.waitForFunction(() => window.app?.graph && window.LiteGraph?.registered_node_types?.AUFacePickExpression,
        null, { timeout: 90000 });
    await page.evaluate((data) => window.app.loadGraphData(data), JSON.parse(readFileSync(workflow, "utf8")));
    await page.waitForSelector(".auface-picker .auface-face", { timeout: 30000 });
    await page.evaluate(() => {
        const { canvas, graph } = window.app;
        const node = graph.nodes.find((each) => each.type === "AUFacePickExpression");
        canvas.ds.scale = 1;
        canvas.ds.offset = [420 - node.pos[0], 130 - node.pos[1]];
        canvas.setDirty(true, true);
    });
    await page.waitForTimeout(1500);
    const value = () => picked(page);
    const sent = async () => (await page.evaluate(async () => {
        const { output } = await window.app.graphToPrompt();
        return Object.values(output).find((each) => each.class_type === "AUFacePickExpression").inputs.face;
    }));
    const shot = (name) => page.screenshot({ path: `${folder}/${renderer}-${name}.png` });
    const picker = page.locator(".auface-picker").first();

    seen.loaded = await value();
    await shot("loaded");

    // Drag the corner of the mouth on the left of the person up: both corners rise, as they are linked.
    const corner = picker.locator('.handle[aria-label^="left corner of the mouth"] .dot');
    await picker.locator(".toolbar button", { hasText: /^Reset$/ }).click();
    seen.reset = await value();
    const drag = async (locator, dx, dy) => {
        const box = await locator.boundingBox();
        await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
        await page.mouse.down();
        await page.mouse.move(box.x + box.width / 2 + dx, box.y + box.height / 2 + dy, { steps: 6 });
        await page.mouse.up();
    };
    const before = await picker.locator("path.lip").first().getAttribute("d");
    await drag(corner, 0, -26);
    seen.dragged = await value();
    seen.faceMoved = before !== await picker.locator("path.lip").first().getAttribute("d");
    await picker.locator(".link").click();
    await drag(picker.locator('.handle[aria-label^="left inner brow"] .dot'), 0, -30);
    seen.oneSide = await value();
    await shot("dragged");
    await picker.locator('button[aria-label^="Undo"]').click();
    seen.undone = await value();
    await picker.locator('button[aria-label^="Redo"]').click();
    seen.redone = await value();
    await picker.locator('button[aria-label^="Mirror"]').click();
    seen.mirrored = await value();

    // By keyboard alone.
    await picker.locator('.handle[aria-label^="chin"]').focus();
    for (let press = 0; press < 4; press++) await page.keyboard.press("ArrowDown");
    seen.keyboard = await value();
    await page.keyboard.press("Control+z");
    await page.waitForTimeout(900);
    seen.keyboardUndone = await value();

    seen.shownAfterUndo = await picker.locator(".text input").inputValue();

    // Search and slide.
    await picker.locator('input[type="search"]').fill("nose wrinkle");
    await page.waitForTimeout(200);
    seen.found = await picker.locator(".row:not([hidden]) .code").allTextContents();
    await picker.locator('input[type="search"]').fill("");

    // Type notation: a mistake is shown, a conflict too.
    const text = picker.locator(".text input");
    await text.fill("12E+15Q");
    seen.mistake = await picker.locator(".status").innerText();
    seen.whileMistaken = await value();
    await text.fill("12E+15E+24C+26D");
    await text.press("Tab");
    seen.typed = await value();
    seen.conflict = await picker.locator(".status .warning").first().innerText();
    await shot("conflict");

    await picker.locator(".toolbar button", { hasText: /^Presets/ }).click();
    await page.waitForTimeout(300);
    await shot("presets");
    await picker.locator(".presets button", { hasText: "fear" }).first().click();
    seen.preset = await value();
    seen.sent = await sent();

    // Saved and opened again, it is the same face.
    await page.waitForTimeout(300);
    seen.reopened = await page.evaluate(async () => {
        await window.app.loadGraphData(JSON.parse(JSON.stringify(window.app.graph.serialize())));
        return window.app.graph.nodes.find((each) => each.type === "AUFacePickExpression").widgets[0].value;
    });

    // What a script put there and only the package can read is kept until somebody moves the face.
    await page.waitForTimeout(700);
    await page.evaluate(() => {
        window.app.graph.nodes.find((each) => each.type === "AUFacePickExpression").widgets[0].value = "a slight smile";
    });
    seen.foreign = await value();
    await drag(picker.locator('.handle[aria-label^="chin"] .dot'), 0, 20);
    seen.foreignMoved = await value();

    // It speaks the language of the page, as soon as that is changed. A second later the page makes every node anew:
    // what is typed before would be gone.
    const speak = async (locale, used) => {
        await picker.evaluate((made) => { made.dataset.before = "true"; });
        await page.evaluate((name) => window.app.ui.settings.setSettingValueAsync("Comfy.Locale", name), locale);
        await page.waitForFunction((word) => {
            const shown = document.querySelector(".auface-picker");
            return shown && !shown.dataset.before && shown.querySelector(".tabs button").textContent === word;
        }, used, { timeout: 20000 });
    };
    await speak("fr", "Utilisés");
    seen.french = {
        tabs: await picker.locator(".tabs button").allTextContents(),
        chin: await picker.locator(".handle").last().getAttribute("aria-label"),
        kept: await value(),
    };
    await text.fill("12Q");
    seen.french.mistake = await picker.locator(".status").innerText();
    await text.fill("12E+24C");
    seen.french.conflict = await picker.locator(".status .warning, .status .note").first().innerText();
    await text.fill(seen.french.kept);
    await text.press("Tab");
    await picker.locator('input[type="search"]').fill("sourcil");
    seen.french.found = await picker.locator(".row:not([hidden]) .code").allTextContents();
    await picker.locator('input[type="search"]').fill("");
    await picker.locator(".toolbar button").first().click();
    await page.waitForTimeout(300);
    await shot("french");
    await picker.locator(".toolbar button").first().click();
    await speak("en", "Used");

    const done = ended(page);
    await page.evaluate(() => { window.app.queuePrompt(0); });
    seen.executed = await done;
    await page.waitForTimeout(1200);
    await shot("executed");
});
