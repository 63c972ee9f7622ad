// Does what somebody does first: opens the first template in ComfyUI's page, presses Run, drags the face, presses Run.
// node first.mjs PLAYWRIGHT URL RENDERER FOLDER prints one JSON object of what was seen, and leaves screenshots in FOLDER.

import { ended, inBrowser, picked } from "./browser.mjs";

const [playwright, url, renderer, folder] = process.argv.slice(2);
const PATIENCE = 300000; // of a machine that does other things beside

await inBrowser({ playwright, url, renderer, width: 1600 }, async (page, seen) => {
    seen.runs = [];
    page.setDefaultTimeout(PATIENCE);
    await page.goto(`${url}/?template=a_first_face&source=auface`);
    await page.waitForSelector(".auface-picker .auface-face");
    await page.waitForFunction(() => window.app.graph.nodes.some((each) => each.type === "AUFaceVerifyExpression"));
    await page.waitForTimeout(1500);
    const shot = (name) => page.screenshot({ path: `${folder}/first-${renderer}-${name}.png` });
    await page.evaluate(() => {
        const { canvas } = window.app;
        canvas.ds.scale = 0.62;
        canvas.ds.offset = [40, 120];
        canvas.setDirty(true, true);
    });
    await page.waitForTimeout(500);
    await shot("opened");
    const value = () => picked(page);
    const run = async (name) => {
        const started = Date.now();
        const done = ended(page);
        await page.locator('[data-testid="queue-button"]').first().click();
        const outcome = await done;
        const seconds = (Date.now() - started) / 1000;
        const pictures = () => page.evaluate(() => Object.fromEntries(window.app.graph.nodes
            .filter((each) => ["SaveImage", "AUFaceVerifyExpression"].includes(each.type))
            .map((each) => [each.type, each.imgs?.map((image) => image.src) ?? []])));
        await page.waitForFunction(() => window.app.graph.nodes
            .filter((each) => ["SaveImage", "AUFaceVerifyExpression"].includes(each.type))
            .every((each) => each.imgs?.length && each.imgs[0].naturalWidth));
        await page.waitForTimeout(700);
        await shot(name);
        seen.runs.push({ outcome, seconds, pictures: await pictures(), asked: await value() });
    };
    await run("drawn");

    // Drag the corner of the mouth, and see the drawn face move before anything is run.
    const picker = page.locator(".auface-picker").first();
    await picker.locator(".toolbar button", { hasText: /^Reset$/ }).click();
    const before = await picker.locator("path.lip").first().getAttribute("d");
    const box = await picker.locator('.handle[aria-label^="left corner of the mouth"] .dot').boundingBox();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2 - 22, { steps: 6 });
    await page.mouse.up();
    seen.moved = before !== await picker.locator("path.lip").first().getAttribute("d");
    await run("smiling");
});
