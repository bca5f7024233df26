/**
 * Lays the maintenance page out in a real browser, in every language, at phone and desktop width, left to right and right
 * to left, light and dark: `node page_check.mjs CHROMIUM [FOLDER]`. Prints one JSON line for each case: {name, problems}.
 * With a folder it also leaves the pages and a screenshot of some of them there.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";

import { maintained } from "./checks_failure.mjs";
import { Edge } from "./harness.mjs";

const [, , chromium, keep] = process.argv;
const folder = keep ?? mkdtempSync(path.join(os.tmpdir(), "edge-page-"));
const FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-background-networking", `--user-data-dir=${path.join(folder, "profile")}`];
const PAGES = [...["vi", "en", "th", "id", "ms", "fil", "zh-Hans", "zh-Hant", "ta"].map((language) => ["VN", language]), ["CN", "zh-CN"], ["US", "es"]];
const SIZES = [["phone", 320, 568], ["desktop", 1280, 800]];

/** Runs in the browser: what is wrong with a page in a frame. */
function problemsOf(frame, width, height, dark) {
  const view = frame.contentWindow;
  const { documentElement: root, body } = frame.contentDocument;
  const problems = [];
  if (view.matchMedia("(prefers-color-scheme: dark)").matches !== dark) problems.push("not the wanted colour scheme");
  if (root.scrollWidth > width) problems.push(`scrolls sideways: ${root.scrollWidth} px`);
  if (root.scrollHeight > height) problems.push(`does not fit the first screen: ${root.scrollHeight} px`);
  const channel = (value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
  const luminance = (colour) => {
    const [red, green, blue] = colour.match(/[\d.]+/g).map(Number).map(channel);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const ground = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const colour = view.getComputedStyle(each).backgroundColor;
      if (colour !== "rgba(0, 0, 0, 0)") return colour;
    }
    return "rgb(255, 255, 255)";
  };
  for (const element of body.querySelectorAll("h1, p, a, small")) {
    const box = element.getBoundingClientRect();
    if (box.left < 0 || box.right > width + 0.5) problems.push(`${element.localName} leaves the screen`);
    if (element.scrollWidth > Math.ceil(box.width)) problems.push(`${element.localName} is cut`);
    const [one, other] = [luminance(view.getComputedStyle(element).color), luminance(ground(element))].sort((a, b) => b - a);
    const contrast = (one + 0.05) / (other + 0.05);
    if (contrast < 4.5) problems.push(`${element.localName} has a contrast of ${contrast.toFixed(1)}`);
    if (Number.parseFloat(view.getComputedStyle(element).fontSize) < 14) problems.push(`${element.localName} is smaller than 14 px`);
  }
  const link = body.querySelector("a").getBoundingClientRect();
  if (link.height < 44) problems.push(`the link is ${link.height} px high`);
  const heading = body.querySelector("h1").getBoundingClientRect();
  const main = body.querySelector("main").getBoundingClientRect();
  const atStart = root.dir === "rtl" ? main.right - link.right : link.left - main.left;
  if (Math.abs(atStart - 24) > 1) problems.push("the link is not at the start of its line");
  if (heading.bottom > link.top) problems.push("the heading covers the link");
  return problems;
}

const edge = await Edge.start({ bindings: [maintained] });
try {
  const pages = [];
  for (const [country, language] of PAGES) {
    const { text } = await edge.send({ bindings: maintained, cf: { country }, headers: { accept: "text/html", "accept-language": language } });
    pages.push({ name: `${country} ${language}`, html: text });
  }
  const cases = pages.flatMap(({ name, html }) =>
    SIZES.flatMap(([size, width, height]) =>
      ["ltr", "rtl"].map((dir) => ({ name: `${name}, ${size}, ${dir}`, width, height, html: html.replace('dir="ltr"', `dir="${dir}"`) })),
    ),
  );
  for (const dark of [false, true]) {
    const script = `${problemsOf}
      const cases = ${JSON.stringify(cases).replaceAll("<", "\\u003c")};
      addEventListener("load", async () => {
        const results = [];
        for (const { name, width, height, html } of cases) {
          const frame = document.createElement("iframe");
          frame.style = "border:0;width:" + width + "px;height:" + height + "px";
          frame.srcdoc = html;
          await new Promise((resolve) => { frame.onload = resolve; document.body.append(frame); });
          results.push({ name: name + ", ${dark ? "dark" : "light"}", problems: problemsOf(frame, width, height, ${dark}) });
          frame.remove();
        }
        document.body.textContent = JSON.stringify(results);
      });`;
    const file = path.join(folder, `check-${dark}.html`);
    writeFileSync(file, `<!doctype html><meta charset="utf-8"><body><script>${script}</script>`);
    const scheme = dark ? ["--blink-settings=preferredColorScheme=0"] : ["--blink-settings=preferredColorScheme=1"];
    const { stdout } = await promisify(execFile)(chromium, [...FLAGS, ...scheme, "--virtual-time-budget=20000", "--dump-dom", `file://${file}`], { timeout: 60_000, maxBuffer: 2 ** 26 });
    const text = /<body>(\[.*\])<\/body>/s.exec(stdout)?.[1];
    if (!text) throw new Error(`the browser printed no result:\n${stdout.slice(-2000)}`);
    for (const each of JSON.parse(text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&"))) console.log(JSON.stringify(each));
  }
  if (keep) {
    for (const [size, width, height] of [["phone", 390, 700], ["desktop", 1280, 700]]) {
      const frames = pages.filter(({ name }) => /vi|th|CN|ta/.test(name)).map(({ html }) => `<iframe style="width:${width}px;height:${height}px" srcdoc="${html.replaceAll("&", "&amp;").replaceAll('"', "&quot;")}"></iframe>`);
      const file = path.join(folder, `${size}.html`);
      writeFileSync(file, `<!doctype html><meta charset="utf-8"><body style="margin:0">${frames.join("")}`);
      for (const [scheme, value] of [["dark", 0], ["light", 1]]) {
        await promisify(execFile)(chromium, [...FLAGS, `--blink-settings=preferredColorScheme=${value}`, `--window-size=1640,${size === "phone" ? 720 : 2850}`, `--screenshot=${path.join(folder, `${size}-${scheme}.png`)}`, `file://${file}`], { timeout: 60_000 });
      }
    }
  }
} finally {
  await edge.stop();
  if (!keep) rmSync(folder, { recursive: true, force: true });
}
