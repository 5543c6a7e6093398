// The engine at work.
import assert from 'node:assert/strict';
import {hasCount, openPage, shot} from './support.mjs';

const ask = (url, body) => {
  const abort = new AbortController();
  const done = fetch(`${url}/v1/completions`, {method: 'POST', signal: abort.signal, body: JSON.stringify(body)}).then((r) => r.text(), () => '');
  return {abort: () => abort.abort(), done};
};

export const engineTests = {
  'numbers move while somebody asks, and stand beside the limit': async ({browser, url}) => {
    const {page, close} = await openPage(browser, `${url}/#/engine`);
    const card = page.locator('[data-model=first]');
    await card.getByText('of the').waitFor();  // measured: "3 % of the 40,000 that this machine could write at most"
    const asked = ask(url, {model: 'first', prompt: 'a b c', n: 4, temperature: 0, ignore_eos: true, max_tokens: 100000});
    await card.locator('tbody tr').waitFor();
    await hasCount(card.locator('.branches i'), 4);
    const written = async () => Number((await card.locator('[data-live=written]').first().textContent()).replaceAll(',', ''));
    const before = await written();
    await page.waitForFunction((was) => Number(document.querySelector('[data-live=written]')?.textContent.replaceAll(',', '')) > was, before);
    await page.waitForFunction(() => Number(document.querySelector('[data-live=speed]').textContent.replaceAll(',', '')) > 0);
    await card.getByText('4 texts at once').waitFor();
    assert.match(await card.locator('.line').getAttribute('d'), /^M/);
    await page.waitForTimeout(1500);
    await shot(page, 'engine');
    asked.abort();
    await asked.done;
    await card.getByText('Nobody is asking.').waitFor();
    await close();
  },

  'a prompt asked twice comes from the cache': async ({browser, url}) => {
    const {page, close} = await openPage(browser, `${url}/#/engine`);
    const body = {model: 'first', prompt: 'the same words again and again '.repeat(12), max_tokens: 2};
    await ask(url, body).done;
    await ask(url, body).done;
    await page.waitForFunction(() => /^[1-9]\d* %$/.test([...document.querySelectorAll('[data-model=first] .tile')].find((t) => t.textContent.startsWith('Prompts from cache'))?.querySelector('b').textContent));
    await close();
  },

  'nothing is asked while nobody looks': async ({browser, url}) => {
    const {page, close} = await openPage(browser, `${url}/#/engine`);
    await page.waitForRequest('**/hasten/live');  // it looks each second
    await page.locator('.tabs a', {hasText: 'Chat'}).click();
    await page.locator('.composer').waitFor();
    let looks = 0;
    page.on('request', (request) => { looks += request.url().endsWith('/hasten/live'); });
    await page.waitForTimeout(1500);
    assert.equal(looks, 0);
    await close();
  },
};
