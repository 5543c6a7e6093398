// What all tests of the page share: a hasten to ask, a browser to look with, and what counts as a fault whatever a test does.
import assert from 'node:assert/strict';
import {execFileSync, spawn} from 'node:child_process';
import {existsSync, mkdirSync} from 'node:fs';
import {delimiter, join} from 'node:path';
import {chromium} from 'playwright-core';

export function findChromium() {
  const names = ['chromium', 'chromium-browser', 'google-chrome'];
  for (const folder of (process.env.PATH ?? '').split(delimiter))
    for (const name of names)
      if (existsSync(join(folder, name))) return join(folder, name);
  return null;
}

// Looks for nothing beyond this machine, whatever a page or the browser itself would like to.
export function launch(executablePath) {
  return chromium.launch({
    executablePath,
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
           '--disable-component-update', '--disable-sync', '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE 127.0.0.1'],
  });
}

// A small random model, its tokenizer included. It writes nonsense; with temperature 0 without end.
export function makeModel(hasten, folder, name, more = []) {
  const path = join(folder, `${name}.gguf`);
  execFileSync(hasten, ['synth', '--layers', '2', '--width', '64', '--heads', '4', '--kv-heads', '2', '--vocab', '300', '--quant', 'Q8_0', ...more, '-o', path]);
  return path;
}

export async function startServer(hasten, args) {
  const server = spawn(hasten, ['serve', ...args, '--port', '0', '--no-log', '--threads', '1'], {stdio: ['ignore', 'ignore', 'pipe']});
  const url = await new Promise((resolve, reject) => {
    let said = '';
    server.stderr.on('data', (bytes) => {
      said += bytes;
      const match = said.match(/listening on (\S+)/);
      if (match) resolve(match[1].replace('127.0.0.1', 'localhost'));
    });
    server.on('exit', () => reject(new Error(`the server ended: ${said}`)));
  });
  return {url, stop: () => server.kill('SIGINT')};
}

// A page of a browser that has seen nothing before. `faults` collects what no test may cause: errors, blocked content, and
// requests that leave this machine.
export async function openPage(browser, url, options = {}) {
  const context = await browser.newContext({viewport: {width: 1280, height: 800}, ...options});
  const page = await context.newPage();
  const faults = [], expected = options.expectedErrors ?? /^$/;
  context.on('request', (request) => {
    const {hostname, protocol} = new URL(request.url());
    if (!['localhost', '127.0.0.1', ''].includes(hostname) || !['http:', 'blob:', 'file:', 'data:'].includes(protocol)) faults.push(`a request to ${request.url()}`);
  });
  page.on('pageerror', (error) => faults.push(`an error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' && !expected.test(message.text())) faults.push(`on the console: ${message.text()}`);
  });
  page.setDefaultTimeout(30_000);
  await page.goto(url);
  const close = async () => {
    await context.close();
    assert.deepEqual(faults, []);
  };
  return {page, close};
}

// Waits until a condition holds, since what a click, a key or a navigation brings about comes when it comes.
export async function holds(condition, complaint, timeout = 30_000) {
  for (const end = Date.now() + timeout; !await condition();) {
    if (Date.now() > end) assert.fail(`after ${timeout / 1000} s: ${complaint()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export async function hasCount(locator, wanted) {
  let found;
  await holds(async () => (found = await locator.count()) === wanted, () => `${locator} matches ${found} elements and not ${wanted}`);
}

export async function send(page, text) {
  await page.getByLabel('Message', {exact: true}).fill(text);
  await page.keyboard.press('Enter');
}

// Waits until nothing is written any more, and returns the answers' texts.
export async function answers(page) {
  await page.locator('.composer .send:not(.stop)').waitFor();
  return page.locator('.answer > .markdown').allInnerTexts();
}

export async function setSettings(page, values) {
  const panel = page.locator('#settings');
  if (await panel.isHidden()) await page.getByRole('button', {name: 'Settings', exact: true}).click();
  for (const [name, value] of Object.entries(values)) await panel.locator(`[data-setting=${name}]`).fill(String(value));
  await page.getByRole('button', {name: 'Close the settings'}).click();
}

// Answers /v1/chat/completions as a server would that says exactly this.
export async function script(page, text) {
  const chunk = (delta, finish_reason = null) => `data: ${JSON.stringify({choices: [{index: 0, delta, finish_reason}]})}\n\n`;
  await page.route('**/v1/chat/completions', (route) => route.fulfill({
    contentType: 'text/event-stream', body: chunk({content: text}) + chunk({}, 'stop') + 'data: [DONE]\n\n',
  }));
}

const shots = process.env.HASTEN_SHOTS;
export async function shot(page, name) {
  if (!shots) return;
  mkdirSync(shots, {recursive: true});
  await page.screenshot({path: join(shots, `${name}.png`)});
}
