// Talking to models.
import assert from 'node:assert/strict';
import {answers, hasCount, holds, openPage, script, send, setSettings, shot, startServer} from './support.mjs';

const reload = async (page) => {
  await page.reload();
  await page.locator('.composer').waitFor();
};

export const chatTests = {
  'an answer is streamed, kept, and there after a reload': async ({browser, url}) => {
    const {page, close} = await openPage(browser, url);
    await setSettings(page, {temperature: 0, maxTokens: 600});
    await send(page, 'Tell me a story');
    const body = page.locator('.answer > .markdown');
    await page.waitForFunction(() => document.querySelector('.answer > .markdown')?.textContent.length > 0);
    const early = (await body.textContent()).length;
    const [text] = await answers(page);
    assert(early > 0 && (await body.textContent()).length >= early);
    assert.match(await page.locator('.answer .facts').textContent(), /600 tokens · [\d,.]+ tokens\/s/);
    assert.match(page.url(), /#\/c\/\w+$/);
    await reload(page);
    assert.deepEqual(await answers(page), [text]);
    assert.equal(await page.locator('.conversations a').textContent().then((t) => t.startsWith('Tell me a story')), true);
    await close();
  },

  'stop ends the answer, here and in the engine': async ({browser, url}) => {
    const {page, close} = await openPage(browser, url);
    await setSettings(page, {temperature: 0});
    await send(page, 'Never end');
    await page.waitForFunction(() => document.querySelector('.answer > .markdown')?.textContent.length > 20);
    await page.keyboard.press('Escape');
    await page.getByText('stopped').waitFor();
    const jobs = async () => (await (await fetch(`${url}/hasten/live`)).json()).models[0].jobs.length;
    await holds(async () => await jobs() === 0, () => 'the engine still writes');
    await hasCount(page.locator('.send.stop'), 0);
    await close();
  },

  'what is written goes on while another conversation is looked at': async ({browser, url}) => {
    const {page, close} = await openPage(browser, url);
    await setSettings(page, {temperature: 0, maxTokens: 1500});
    await send(page, 'the long one');
    await page.waitForFunction(() => document.querySelector('.answer > .markdown')?.textContent.length > 0);
    await page.getByRole('link', {name: 'New conversation'}).click();
    await setSettings(page, {maxTokens: 3});
    await send(page, 'the short one');
    assert.equal((await answers(page)).length, 1);
    await page.locator('.conversations a', {hasText: 'the long one'}).click();
    await answers(page);
    await page.getByText('1,500 tokens').waitFor();
    await hasCount(page.locator('.message'), 2);
    await close();
  },

  'edit and answer again keep the other versions': async ({browser, url}) => {
    const {page, close} = await openPage(browser, url);
    await setSettings(page, {temperature: 1, maxTokens: 12});
    await send(page, 'one');
    await answers(page);
    await page.getByRole('button', {name: 'Answer again'}).click();
    await answers(page);
    await page.locator('.answer .switcher', {hasText: '2 of 2'}).waitFor();
    await page.getByRole('button', {name: 'Edit this message'}).click();
    await page.getByLabel('Edit your message').fill('two');
    await page.keyboard.press('Enter');
    await answers(page);
    assert.equal(await page.locator('.user .said').textContent(), 'two');
    await page.locator('.user .switcher', {hasText: '2 of 2'}).waitFor();
    await page.locator('.user').getByRole('button', {name: 'The version before'}).click();
    assert.equal(await page.locator('.user .said').textContent(), 'one');
    await page.locator('.answer .switcher', {hasText: '2 of 2'}).waitFor();
    await page.locator('.answer').getByRole('button', {name: 'The version before'}).click();
    await page.locator('.answer .switcher', {hasText: '1 of 2'}).waitFor();
    await close();
  },

  'several answers stand side by side, and one goes on': async ({browser, url}) => {
    const {page, close} = await openPage(browser, url);
    await setSettings(page, {answers: 3, maxTokens: 40, temperature: 1, seed: 5});
    await send(page, 'three ways');
    const texts = await answers(page);
    assert.equal(texts.length, 3);
    assert.equal(new Set(texts).size, 3);
    await shot(page, 'beside');
    await page.locator('.beside .answer').nth(1).getByRole('button', {name: 'Continue with this'}).click();
    assert.deepEqual(await answers(page), [texts[1]]);
    await send(page, 'go on');
    assert.equal((await answers(page)).length, 4);
    await hasCount(page.locator('.message'), 6);
    await close();
  },

  'settings and the model are kept': async ({browser, url}) => {
    const {page, close} = await openPage(browser, url);
    await setSettings(page, {temperature: 0.25, topK: 7, seed: 11, answers: 2});
    await page.getByLabel('Model', {exact: true}).selectOption('second');
    await reload(page);
    await page.getByRole('button', {name: 'Settings', exact: true}).click();
    for (const [name, value] of [['temperature', '0.25'], ['topK', '7'], ['seed', '11'], ['answers', '2']])
      assert.equal(await page.locator(`[data-setting=${name}]`).inputValue(), value);
    await page.waitForFunction(() => document.querySelector('select.model').value === 'second');
    const asked = page.waitForRequest('**/v1/chat/completions');
    await page.locator('[data-setting=maxTokens]').fill('4');
    await page.getByRole('button', {name: 'Close the settings'}).click();
    await send(page, 'x');
    const body = (await asked).postDataJSON();
    assert.deepEqual([body.model, body.n, body.temperature, body.top_k, body.seed, body.max_tokens], ['second', 2, 0.25, 7, 11, 4]);
    await answers(page);
    await close();
  },

  'settings are reset': async ({browser, url}) => {
    const {page, close} = await openPage(browser, url);
    await setSettings(page, {temperature: 0.25, answers: 3});
    await page.getByRole('button', {name: 'Settings', exact: true}).click();
    await page.getByRole('button', {name: /^Reset/}).click();
    assert.equal(await page.locator('[data-setting=temperature]').inputValue(), '');
    assert.equal(await page.locator('[data-setting=answers]').inputValue(), '1');
    await close();
  },

  'a wrong setting is said where it stands, and before anything is sent': async ({browser, url}) => {
    const {page, close} = await openPage(browser, url);
    await setSettings(page, {temperature: 'hot'});
    await send(page, 'x');
    await page.locator('.hint.problem', {hasText: 'Temperature is not a number'}).waitFor();
    await hasCount(page.locator('.message'), 0);
    assert.equal(await page.getByLabel('Message', {exact: true}).inputValue(), 'x');
    await close();
  },

  'answers are held to a schema, and a wrong one is explained': async ({browser, url}) => {
    const {page, close} = await openPage(browser, url);
    await page.getByRole('button', {name: 'Settings', exact: true}).click();
    await page.getByLabel('Answer as JSON of a schema').check();
    const field = page.getByLabel('JSON schema', {exact: true}), state = page.locator('.schema .help');
    await field.fill('{"type": "object",}');
    await state.getByText('Line 1, column 19').waitFor();
    await field.fill('{"type": "object", "properties": {"a": {"pattern": "(?=x)y"}}}');
    await page.locator('.schema .problem', {hasText: 'pattern'}).waitFor();
    await field.fill('{"type": "object", "properties": {"city": {"enum": ["Oslo", "Rome"]}}, "required": ["city"], "additionalProperties": false}');
    await state.getByText('Answers will be JSON of this schema.').waitFor();
    await shot(page, 'schema');
    await page.keyboard.press('Escape');
    await send(page, 'Where?');
    const [text] = await answers(page);
    assert(['Oslo', 'Rome'].includes(JSON.parse(text.replace(/^json\s*/, '')).city), text);
    await close();
  },

  'what a model writes cannot become markup or load anything': async ({browser, url}) => {
    const {page, close} = await openPage(browser, url);
    await script(page, '<script>window.owned = 1</script><img src=x onerror="window.owned = 2">\n\n[click](javascript:window.owned=3) ' +
        '![p](https://evil.example/p.png) [ok](https://example.org/) <https://example.net>\n\n```html"><svg onload=alert(1)>\n<iframe src="https://evil.example">\n```\n\n' +
        '| <b>a</b> | b |\n|--|--|\n| <style>*{display:none}</style> | `<i>` |\n\n<a href="javascript:1">x</a>\n\n[x]: javascript:alert(1)\n');
    await send(page, 'attack');
    await answers(page);
    const answer = page.locator('.answer > .markdown');
    assert.equal(await answer.locator('script, img, iframe, style, b, i, object, embed').count(), 0);
    const hrefs = await answer.locator('a').evaluateAll((links) => links.map((a) => a.getAttribute('href')));
    assert.deepEqual(hrefs, ['https://evil.example/p.png', 'https://example.org/', 'https://example.net']);
    await hasCount(answer.locator('a[rel~=noopener][target=_blank]'), 3);
    assert.equal(await page.evaluate(() => window.owned), undefined);
    assert.match(await answer.textContent(), /<script>window\.owned = 1<\/script>/);
    await close();
  },

  'markdown, code and reasoning are shown as such': async ({browser, url}) => {
    const {page, close} = await openPage(browser, url);
    const text = '## A plan\n\nFirst **measure**, then `cut`:\n\n1. find the *floor*\n2. reach it\n   - one idea a time\n\n> Predict before you change.\n\n' +
        '```python\ndef fib(n: int) -> int:\n    """The n-th."""\n    return n if n < 2 else fib(n - 1) + fib(n - 2)  # slow\n```\n\n| n | fib |\n|--:|--:|\n| 10 | 55 |\n| 20 | 6765 |\n\n- [x] done\n- [ ] open\n';
    await page.route('**/v1/chat/completions', (route) => route.fulfill({contentType: 'text/event-stream', body: [
      {choices: [{index: 0, delta: {reasoning_content: 'The user wants *a plan*.'}}]}, {choices: [{index: 0, delta: {content: text}, finish_reason: 'stop'}]},
      {choices: [], usage: {prompt_tokens: 5, completion_tokens: 90, prompt_tokens_details: {cached_tokens: 3}}},
    ].map((c) => `data: ${JSON.stringify(c)}\n\n`).join('')}));
    await send(page, 'Make a plan, with code.');
    await answers(page);
    const answer = page.locator('.answer');
    for (const [selector, count] of [['h4', 1], ['strong', 1], ['ol > li', 2], ['ol ul li', 1], ['blockquote', 1], ['.hl-keyword', 4], ['.hl-comment', 1], ['td.right', 4], ['li.task input', 2]])
      assert.equal(await answer.locator(`> .markdown ${selector}`).count() >= count, true, selector);
    assert.equal(await answer.locator('.thoughts').evaluate((d) => d.open), false);
    await answer.getByText('Reasoning').click();
    assert.match(await answer.locator('.thoughts .markdown').innerText(), /wants a plan/);
    await shot(page, 'markdown');
    const download = page.waitForEvent('download');
    await page.getByRole('button', {name: 'Save this conversation as Markdown'}).click();
    assert.equal((await download).suggestedFilename(), 'Make-a-plan-with-code.md');
    await close();
  },

  'an error of the server is said, and asking again is one key away': async ({browser, url}) => {
    const {page, close} = await openPage(browser, url, {expectedErrors: /400/});
    await page.route('**/v1/chat/completions', (route) => route.fulfill({status: 400, json: {error: {message: 'the prompt has 9 tokens and the context is 4', param: 'messages'}}}), {times: 1});
    await setSettings(page, {maxTokens: 5});
    await send(page, 'too long');
    await page.getByRole('alert').getByText('the context is 4').waitFor();
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press('Alt+r');
    await page.locator('.answer .switcher', {hasText: '2 of 2'}).waitFor();
    assert.equal((await answers(page)).length, 1);
    await close();
  },

  'conversations are exported, deleted and imported again': async ({browser, url}) => {
    const {page, close} = await openPage(browser, url);
    await setSettings(page, {maxTokens: 5});
    await send(page, 'keep me');
    await answers(page);
    const download = page.waitForEvent('download');
    await page.getByRole('button', {name: 'Export all conversations'}).click();
    const file = await (await download).path();
    await page.getByRole('button', {name: 'Delete all conversations'}).click();
    await page.getByRole('button', {name: 'Delete all', exact: true}).click();
    await page.waitForFunction(() => document.querySelectorAll('.conversations li').length === 0);
    await hasCount(page.locator('.message'), 0);
    await page.getByLabel('File to import').setInputFiles(file);
    await page.getByText('1 conversation imported').waitFor();
    await page.locator('.conversations a', {hasText: 'keep me'}).click();
    assert.equal((await answers(page)).length, 1);
    await page.locator('.conversations li').getByRole('button', {name: /Delete keep me/}).click();
    await page.getByRole('button', {name: 'Delete', exact: true}).click();
    await page.waitForFunction(() => document.querySelectorAll('.conversations li').length === 0);
    await close();
  },

  'a key is asked for where the server asks for one': async ({browser, hasten, models, folder}) => {
    const {writeFileSync} = await import('node:fs');
    writeFileSync(`${folder}/keys`, 'sesame\n');
    const locked = await startServer(hasten, [models[0], '--api-key-file', `${folder}/keys`, '--ctx', '2048']);
    const {page, close} = await openPage(browser, locked.url, {expectedErrors: /401/});
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Key', {exact: true}).fill('wrong');
    await page.keyboard.press('Enter');
    await dialog.getByLabel('Key', {exact: true}).fill('sesame');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.querySelector('select.model').options.length === 1);
    await setSettings(page, {maxTokens: 5});
    await send(page, 'open');
    assert.equal((await answers(page)).length, 1);
    assert.equal(await page.evaluate(() => localStorage.getItem('hasten.key')), null);
    await page.goto(`${locked.url}/#/runs`);
    await page.locator('.runs, .data .empty').waitFor();
    await close();
    locked.stop();
  },
};
