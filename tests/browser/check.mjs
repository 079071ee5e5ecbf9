// Checks pages in a real browser and prints what it found as JSON.
//   node check.mjs BROWSER PAGE [PAGE ...]
// For each page: html-validate, then axe-core in light, dark, print, at 320 px and at 400% zoom; requests that leave the
// page, console errors, sideways scrolling; and a walk through the page with the Tab key.
import fs from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { HtmlValidate, FileSystemConfigLoader } from "html-validate";
import { chromium } from "playwright-core";

const [browserPath, ...pages] = process.argv.slice(2);
const axe = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const VIEWS = [
  { name: "light", width: 1200, colorScheme: "light" },
  { name: "dark", width: 1200, colorScheme: "dark" },
  { name: "print", width: 1200, colorScheme: "light", media: "print" },
  { name: "phone", width: 320, colorScheme: "light" },
  // 1280 by 1024 at 400%: as wide as the phone, so that only what follows from height can differ; no colour does.
  { name: "zoom", width: 320, height: 256, colorScheme: "light", same: ["color-contrast"] },
];
const MOST_TABS = 60;

// Every view of one page, loaded once: what follows from colours, medium and size is looked at anew each time.
async function look(browser, page) {
  const tab = await (await browser.newContext({ bypassCSP: true })).newPage();
  const left = [], errors = [], seen = [];
  tab.on("request", (request) => { if (!/^(file|data|blob):/.test(request.url())) left.push(request.url()); });
  tab.on("console", (message) => { if (message.type() === "error") errors.push(message.text()); });
  tab.on("pageerror", (error) => errors.push(String(error)));
  for (const view of VIEWS) {
    await tab.setViewportSize({ width: view.width, height: view.height ?? 900 });
    await tab.emulateMedia({ media: view.media ?? "screen", colorScheme: view.colorScheme });
    if (!seen.length) {
      await tab.goto(pathToFileURL(page).href);
      await tab.addScriptTag({ content: axe });
    }
    const rules = Object.fromEntries((view.same ?? []).map((rule) => [rule, { enabled: false }]));
    const found = await tab.evaluate((asked) => axe.run(asked), { runOnly: TAGS, rules, resultTypes: ["violations"] });
    const sideways = await tab.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    const violations = found.violations.map((v) => `${v.id}: ${v.nodes.length} nodes, first ${v.nodes[0].target}`);
    seen.push({ view: view.name, passes: found.passes.length, sideways, left, errors, violations });
  }
  await tab.context().close();
  return seen;
}

// The page as shipped, with its own security policy in force.
async function walk(browser, page) {
  const context = await browser.newContext({ viewport: { width: 1200, height: 900 } });
  const tab = await context.newPage();
  const errors = [];
  tab.on("console", (message) => { if (message.type() === "error") errors.push(message.text()); });
  await tab.goto(pathToFileURL(page).href);
  const stops = [];
  for (let at = 0; at < MOST_TABS; at += 1) {
    await tab.keyboard.press("Tab");
    const stop = await tab.evaluate(() => {
      const node = document.activeElement;
      if (!node || node === document.body) return null;
      const style = getComputedStyle(node), box = node.getBoundingClientRect();
      const outline = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
      return { tag: node.tagName.toLowerCase(), text: node.textContent.trim().slice(0, 60), outline,
        seen: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 };
    });
    if (!stop) break;
    stops.push(stop);
  }
  await tab.goto(pathToFileURL(page).href);
  await tab.keyboard.press("Tab");
  await tab.keyboard.press("Enter");
  const skipped = await tab.evaluate(() => location.hash);
  const box = tab.locator("#search");
  let search = null;
  if (await box.count()) {
    await box.fill("zzzz");
    const none = await tab.locator("li.authority:visible").count();
    await box.fill("rut");
    search = { none, some: await tab.locator("li.authority:visible").allTextContents(), told: await tab.locator("#found").textContent() };
    search.some = search.some.map((text) => text.trim().split("\n")[0]);
  }
  await context.close();
  return { stops, skipped, search, errors };
}

const validator = new HtmlValidate(new FileSystemConfigLoader());
const browser = await chromium.launch({
  executablePath: browserPath,
  args: [...(process.getuid?.() === 0 ? ["--no-sandbox"] : []), "--disable-gpu", "--disable-background-networking"] });
const results = {};
for (const page of pages) {
  const report = await validator.validateString(fs.readFileSync(page, "utf8"), new URL("page.html", import.meta.url).pathname);
  const markup = report.results.flatMap((r) => r.messages.map((m) => `${m.line}:${m.column} ${m.ruleId}: ${m.message.slice(0, 160)}`));
  results[page] = { markup, views: await look(browser, page), walk: await walk(browser, page) };
}
await browser.close();
console.log(JSON.stringify(results));
