// Works in a real JupyterLab as an analyst would, and prints what was seen as JSON.
//   node lab.mjs BROWSER PAGE STARTED FOLDER FROM TO [NOTEBOOK ...]
// PAGE: the address that `highneeds explore` opened. STARTED: when the command was given, in milliseconds. FOLDER: for
// screenshots. In each NOTEBOOK, reached by its link on the start page, all cells are run for authority FROM, then for TO.
import { chromium } from "playwright-core";

const [browserPath, address, started, folder, from, to, ...notebooks] = process.argv.slice(2);
const PANEL = ".jp-NotebookPanel:not(.lm-mod-hidden)";
const PATIENCE = 120_000;
const seen = { left: [], errors: [], failed: [], notebooks: {} };
const since = (at) => Math.round(Date.now() - at) / 1000;

// Watches what the page asks for and complains of.
function watch(tab) {
  tab.on("request", (request) => {
    if (!/^(file|data|blob|about):|^(http|ws):\/\/(localhost|127\.0\.0\.1)[:/]/.test(request.url())) seen.left.push(request.url());
  });
  tab.on("console", (message) => { if (message.type() === "error") seen.errors.push(message.text()); });
  tab.on("pageerror", (error) => seen.errors.push(String(error)));
  tab.on("response", (answer) => { if (answer.status() >= 500) seen.failed.push(`${answer.status()} ${answer.url().split("?")[0]}`); });
}

async function choose(tab, menu, item) {
  await tab.locator(".lm-MenuBar-item", { hasText: new RegExp(`^${menu}$`) }).click();
  await tab.locator(".lm-Menu-item", { hasText: new RegExp(`^${item}`) }).first().click();
}

async function idle(tab) {
  await tab.locator(`${PANEL} .jp-Notebook-ExecutionIndicator[data-status="idle"]`).waitFor({ timeout: PATIENCE });
}

// Until every code cell has a number that it had not before.
async function runAll(tab) {
  const numbers = () => tab.locator(`${PANEL} .jp-CodeCell .jp-InputPrompt`).allTextContents();
  const before = await numbers();
  const at = Date.now();
  await choose(tab, "Run", "Run All Cells");
  let charted = null;
  while (since(at) * 1000 < PATIENCE) {
    const now = await numbers();
    const wrong = await tab.locator(`${PANEL} [data-mime-type="application/vnd.jupyter.error"]`).count();
    const first = await firstChart(tab, now, before);
    if (first && charted === null) charted = since(at);
    if (wrong || now.every((text, cell) => /\d/.test(text) && text !== before[cell])) break;
    await tab.waitForTimeout(50);
  }
  return { seconds: since(at), charted };
}

// True once the first cell that shows a chart has been run again.
async function firstChart(tab, now, before) {
  const at = await tab.locator(`${PANEL} .jp-CodeCell`).evaluateAll((cells) => cells.findIndex((cell) => cell.querySelector("figure img")));
  return at >= 0 && /\d/.test(now[at]) && now[at] !== before[at];
}

async function read(tab) {
  return tab.locator(PANEL).evaluate((panel) => ({
    figure: panel.querySelector(".jp-OutputArea-output .answer")?.textContent.replace(/\s+/g, " ").trim() ?? "",
    charts: [...panel.querySelectorAll("figure img")].map((img) => img.complete && img.naturalWidth > 0 && img.alt.length > 0),
    tables: panel.querySelectorAll(".jp-OutputArea-output table").length,
    errors: [...panel.querySelectorAll('[data-mime-type="application/vnd.jupyter.error"], [data-mime-type="application/vnd.jupyter.stderr"]')]
      .map((output) => output.textContent.slice(0, 600)),
  }));
}

// Writes another value into the parameters cell, as one would by hand.
async function rewrite(tab, old, value) {
  const cell = tab.locator(`${PANEL} .jp-CodeCell`).first().locator(".cm-content");
  const lines = await cell.locator(".cm-line").allTextContents();
  await cell.click();
  await tab.keyboard.press("Control+A");
  await tab.keyboard.insertText(lines.join("\n").replace(`authority = "${old}"`, `authority = "${value}"`));
  return (await cell.locator(".cm-line").allTextContents())[0];
}

async function workOn(tab, name) {
  await tab.locator(".lm-TabBar-tabLabel", { hasText: "00_start.ipynb" }).first().click();
  await tab.locator(`${PANEL} a[href*="${name}"]`).first().click();
  await tab.locator(".lm-TabBar-tab.lm-mod-current .lm-TabBar-tabLabel", { hasText: name }).first().waitFor();
  const at = Date.now();
  await tab.locator(`${PANEL} .jp-CodeCell`).first().locator(".cm-content").click();
  await idle(tab);
  const kernel = since(at);
  const first = await runAll(tab), before = await read(tab);
  const line = await rewrite(tab, from, to);
  const again = await runAll(tab), after = await read(tab);
  await tab.locator(`${PANEL} figure img`).first().scrollIntoViewIfNeeded();
  await tab.waitForTimeout(500);
  await tab.screenshot({ path: `${folder}/${name}.png` });
  seen.notebooks[name] = { kernel, line, first: { ...first, ...before }, again: { ...again, ...after } };
}

// Runs the start page's explorer, moves a slider with the keyboard, chooses an authority, types a number: seconds until
// something else is drawn each time. Then looks for what a screen reader would miss.
async function explore(tab) {
  await idle(tab);
  await runAll(tab);
  const view = tab.locator(`${PANEL} .hn-view`).first(), shown = () => view.innerHTML();
  await view.locator("figcaption").waitFor();
  const until = async (act) => {
    const before = await shown(), told = await view.innerText();
    const at = Date.now();
    await act();
    while ((await shown()) === before && since(at) * 1000 < PATIENCE / 4) await tab.waitForTimeout(20);
    return { seconds: since(at), before: told, after: await view.innerText() };
  };
  await tab.getByLabel("Entry rate, slider").focus();
  const moved = await until(() => tab.keyboard.press("ArrowRight"));
  await tab.locator(`${PANEL} .jp-OutputArea-output`).first().evaluate((output) => output.scrollIntoView({ block: "start" }));
  await tab.screenshot({ path: `${folder}/explorer.png` });
  const choice = tab.locator(`${PANEL} .widget-dropdown:has(.widget-label:text-is("Authority")) select`);
  const chosen = await until(() => choice.selectOption(to));
  const typed = await until(async () => { await tab.getByLabel("Years ahead", { exact: true }).fill("5"); await tab.keyboard.press("Tab"); });
  await tab.screenshot({ path: `${folder}/chosen.png` });
  await tab.addScriptTag({ path: "node_modules/axe-core/axe.min.js" });
  const axe = await tab.evaluate((area) => axe.run(area, { resultTypes: ["violations"] }), `${PANEL} .jp-OutputArea-output`);
  const violations = axe.violations.map((found) => `${found.id}: ${found.nodes.map((node) => node.html.slice(0, 200)).join(" ")}`);
  seen.explorer = { moved, chosen, typed, violations, errors: (await read(tab)).errors, faults: await tab.locator(`${PANEL} .hn-fault`).allTextContents() };
}

const browser = await chromium.launch({
  executablePath: browserPath,
  args: [...(process.getuid?.() === 0 ? ["--no-sandbox"] : []), "--disable-gpu", "--disable-background-networking"] });
const tab = await (await browser.newContext({ viewport: { width: 1400, height: 900 } })).newPage();
tab.setDefaultTimeout(PATIENCE);
watch(tab);
try {
  await tab.goto(address);
  await tab.locator(`${PANEL} h1`, { hasText: "where to start" }).waitFor();
  await tab.locator("#jupyterlab-splash").waitFor({ state: "detached" });
  seen.usable = since(Number(started));
  seen.dialogs = await tab.locator(".jp-Dialog, .Toastify__toast").allTextContents();
  seen.fits = await tab.locator(PANEL).evaluate((panel) =>
    [...panel.querySelectorAll(".jp-Cell")].at(-1).getBoundingClientRect().bottom <= panel.getBoundingClientRect().bottom);
  await tab.screenshot({ path: `${folder}/start.png` });
  for (const name of notebooks) await workOn(tab, name);
  await tab.locator(".lm-TabBar-tabLabel", { hasText: "00_start.ipynb" }).first().click();
  await tab.locator(`${PANEL} .jp-CodeCell`).first().locator(".cm-content").click();
  await explore(tab);
} catch (fault) {
  seen.stopped = String(fault).slice(0, 1500);
  await tab.screenshot({ path: `${folder}/stopped.png` });
}
await browser.close();
console.log(JSON.stringify(seen));
