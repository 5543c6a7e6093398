// How it looks and how it is reached: by keys alone, on a phone, in the dark; and what the server says with it.
import assert from 'node:assert/strict';
import {answers, openPage, send, setSettings, shot} from './support.mjs';

// The contrast of WCAG 2.2 between the colours of an element's text and of what lies behind it.
const contrast = (element) => {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true});
  const luminance = (colour, over) => {
    canvas.clearRect(0, 0, 1, 1);
    if (over) {
      canvas.fillStyle = over;
      canvas.fillRect(0, 0, 1, 1);
    }
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  let back = element;
  while (back && /rgba\(0, 0, 0, 0\)|transparent/.test(getComputedStyle(back).backgroundColor)) back = back.parentElement;
  const paper = back ? getComputedStyle(back).backgroundColor : '#fff';
  const [a, b] = [luminance(getComputedStyle(element).color, paper), luminance(paper, '#fff')].sort((x, y) => y - x);
  return (a + 0.05) / (b + 0.05);
};

export const lookTests = {
  'everything is reached by keys alone': async ({browser, url}) => {
    const {page, close} = await openPage(browser, url);
    const focused = () => page.evaluate(() => document.activeElement.getAttribute('aria-label') || document.activeElement.textContent);
    assert.equal(await focused(), 'Message');
    await page.keyboard.press('Alt+s');
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.dataset.setting), 'answers');
    await page.keyboard.press('Escape');
    assert.equal(await focused(), 'Settings');
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press('?');
    await page.getByRole('dialog', {name: 'Keys'}).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('/');
    assert.equal(await focused(), 'Message');
    await setSettings(page, {answers: 2, maxTokens: 8, temperature: 1});
    await page.keyboard.press('Escape');
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press('/');
    await page.keyboard.type('first line');
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('second line');
    await page.keyboard.press('Enter');
    const both = await answers(page);
    assert.equal(both.length, 2);
    assert.equal(await page.locator('.user .said').textContent(), 'first line\nsecond line');
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press('2');
    assert.deepEqual(await answers(page), [both[1]]);
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press('[');
    assert.deepEqual(await answers(page), [both[0]]);
    await page.keyboard.press('Alt+e');
    assert.equal(await focused(), 'Edit your message');
    await page.keyboard.press('Escape');
    assert.equal(await focused(), 'Edit this message');
    for (const [key, name] of [['Alt+2', 'Engine'], ['Alt+3', 'Runs'], ['Alt+1', 'Chat'], ['Alt+n', 'Chat']]) {
      await page.keyboard.press(key);
      await page.locator(`.tabs a[aria-current=page]`, {hasText: name}).waitFor();
    }
    await page.waitForFunction(() => document.querySelectorAll('.message').length === 0);
    // Tab goes through all of it, in order, and every stop has a name.
    const names = [];
    await page.locator('.skip').focus();
    for (let i = 0; i < 30; ++i) {
      if (i > 0) await page.keyboard.press('Tab');
      names.push(await page.evaluate(() => {
        const at = document.activeElement;
        return at === document.body ? 'end' : at.getAttribute('aria-label') || at.labels?.[0]?.textContent || at.textContent || at.placeholder || `unnamed ${at.outerHTML}`;
      }));
    }
    for (const wanted of ['Chat', 'Engine', 'Runs', 'New conversation', 'Model', 'Settings', 'Message', 'Send']) assert(names.includes(wanted), `${wanted}: ${names}`);
    assert(!names.some((n) => n.startsWith('unnamed')), String(names));
    await close();
  },

  'on a phone nothing is cut off': async ({browser, url}) => {
    const {page, close} = await openPage(browser, url, {viewport: {width: 360, height: 700}, isMobile: true, hasTouch: true, deviceScaleFactor: 2});
    const wide = () => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    await page.getByLabel('Settings', {exact: true}).first().tap();
    assert.equal(await wide(), 0);
    await page.locator('[data-setting=maxTokens]').fill('60');
    await page.locator('[data-setting=answers]').fill('2');
    await shot(page, 'phone-settings');
    await page.getByRole('button', {name: 'Close the settings'}).tap();
    await page.getByLabel('Message', {exact: true}).fill('A word that is long: ' + 'x'.repeat(90));
    await page.getByRole('button', {name: 'Send'}).tap();
    await answers(page);
    assert.equal(await wide(), 0);
    await shot(page, 'phone-chat');
    await page.getByRole('button', {name: 'Views and conversations'}).tap();
    await page.locator('.sidebar').getByText('Engine').waitFor();
    await page.waitForTimeout(250);
    await shot(page, 'phone-menu');
    await page.locator('.tabs a', {hasText: 'Engine'}).tap();
    await page.locator('[data-model=first]').waitFor();
    assert.equal(await wide(), 0);
    await page.waitForTimeout(1200);
    await shot(page, 'phone-engine');
    await page.getByRole('button', {name: 'Views and conversations'}).last().tap();
    await page.locator('.tabs a', {hasText: 'Runs'}).tap();
    await page.locator('.runs, .data .empty').waitFor();
    assert.equal(await wide(), 0);
    assert.deepEqual(await page.evaluate(() => [...document.querySelectorAll('.runs td')].filter((cell) => cell.getBoundingClientRect().right > innerWidth)), []);
    await shot(page, 'phone-runs');
    await close();
  },

  'light and dark can both be read': async ({browser, url}) => {
    const papers = [];
    for (const colorScheme of ['light', 'dark']) {
      const {page, close} = await openPage(browser, url, {colorScheme});
      await setSettings(page, {maxTokens: 30, temperature: 1, answers: 2});
      await send(page, 'What do you see?');
      await answers(page);
      papers.push(await page.evaluate(() => getComputedStyle(document.body).backgroundColor));
      for (const selector of ['.user .said', '.answer > .markdown', '.facts', '.tabs a[aria-current]', '.brand', '.hint', '.when', '.composer .send', '.beside header'])
        assert(await page.locator(selector).first().evaluate(contrast) >= 4.5, `${colorScheme}: ${selector}`);
      await shot(page, `chat-${colorScheme}`);
      await close();
    }
    assert.notEqual(papers[0], papers[1]);
  },

  'the page is small, compressed, checked again by its ETag, and forbids what is not its own': async ({url}) => {
    const index = await fetch(`${url}/`);
    const policy = index.headers.get('content-security-policy');
    for (const part of ["default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"]) assert(policy.includes(part), part);
    assert.equal(index.headers.get('x-content-type-options'), 'nosniff');
    assert.equal(index.headers.get('content-encoding'), 'gzip');
    const html = await index.text();
    const again = await fetch(`${url}/`, {headers: {'If-None-Match': index.headers.get('etag')}});
    assert.equal(again.status, 304);
    assert.equal(await again.text(), '');
    let bytes = 0;
    for (const [, path] of html.matchAll(/(?:src|href)="([^"]+)"/g)) {
      assert(path.startsWith('/page/'), path);
      const file = await fetch(url + path);
      assert.equal(file.status, 200);
      if (!path.endsWith('.svg')) assert.match(file.headers.get('cache-control'), /immutable/);
      bytes += Number(file.headers.get('content-length'));
      const plain = await fetch(url + path, {headers: {'Accept-Encoding': 'identity'}});
      assert.equal(plain.headers.get('content-encoding'), null);
      assert.equal(await plain.text(), await file.text());
    }
    console.log(`        ${bytes} bytes travel, compressed`);
    assert(bytes < 60_000);
    assert.equal((await fetch(`${url}/page/nothing.js`)).status, 404);
  },
};
