// Prints the prompt that ComfyUI's page sends for each workflow: node prompts.mjs PLAYWRIGHT URL WORKFLOW...

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename } from "node:path";

const [playwright, url, ...workflows] = process.argv.slice(2);
const { chromium } = createRequire(`${playwright}/`)("playwright-core");
const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
});
const prompts = {};
try {
    const page = await browser.newPage();
    await page.goto(url);
    await page.waitForFunction(() => window.app?.graph && window.LiteGraph?.registered_node_types?.AUFacePickExpression,
        null, { timeout: 90000 });
    for (const workflow of workflows) {
        prompts[basename(workflow, ".json")] = await page.evaluate(async (data) => {
            await window.app.loadGraphData(data);
            return (await window.app.graphToPrompt()).output;
        }, JSON.parse(readFileSync(workflow, "utf8")));
    }
} finally {
    await browser.close();
}
process.stdout.write(JSON.stringify(prompts));
