// Opens pages of `hasten report` in Chromium: a solved run, one of a server's that repairs, one whose texts are hostile.
//   node report.mjs HASTEN [FOLDER]     with FOLDER the pictures of all widths and both colour schemes stay there
import assert from 'node:assert/strict';
import {execFileSync, spawnSync} from 'node:child_process';
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {chromium} from 'playwright-core';

const [hasten, pictures] = process.argv.slice(2);
const examples = fileURLToPath(new URL('../../examples/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'hasten-report-'));
const log = join(folder, 'runs.db');
const widths = {phone: 390, desktop: 1280};

function solve(task, ...more) {
  spawnSync(hasten, ['solve', task, '--log', log, ...more], {stdio: 'ignore'});  // unsolved is an answer too
}

function hostileTask() {
  const marked = '<img src=x onerror="document.title=\'owned\'"></pre><script>document.title="owned"</script>';
  writeFileSync(join(folder, 'seed.sh'), `# ${marked}\necho '${marked.replaceAll("'", '')}'\n`);
  writeFileSync(join(folder, 'hostile.toml'),
                `goal = """${marked}"""\nlanguage = "sh"\nprogram = "seed.sh"\n[budget]\nseconds = 20\ncandidates = 40\n` +
                    '[[check]]\nexamples = [{stdin = "", stdout = "3"}]\n');
  return join(folder, 'hostile.toml');
}

async function open(browser, run, width, colorScheme) {
  const page = await browser.newPage({viewport: {width, height: 900}, colorScheme});
  const complaints = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => request.url().startsWith('file:') || complaints.push(`asks for ${request.url()}`));
  await page.goto(`file://${join(folder, `${run}.html`)}`);
  if (pictures) {
    mkdirSync(pictures, {recursive: true});
    await page.screenshot({path: join(pictures, `run${run}-${width}-${colorScheme}.png`), fullPage: width > 1000});
  }
  return {page, complaints};
}

// Nothing is wider than the window but what scrolls by itself.
const overflow = () => document.documentElement.scrollWidth - document.documentElement.clientWidth;
const luminance = () => {
  const light = (color) => color.match(/[\d.]+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0) / 765;
  const style = getComputedStyle(document.body);
  return {ink: light(style.color), back: light(style.backgroundColor)};
};

const tests = {
  'a solved run fits every width and both colour schemes': async (browser) => {
    for (const width of Object.values(widths))
      for (const scheme of ['light', 'dark']) {
        const {page, complaints} = await open(browser, 1, width, scheme);
        assert(await page.evaluate(overflow) <= 0, `${width} pixels: the page is wider than its window`);
        const {ink, back} = await page.evaluate(luminance);
        assert(scheme === 'dark' ? ink - back > 0.5 : back - ink > 0.5, `${scheme}: ink ${ink} on ${back}`);
        assert.deepEqual(complaints, []);
        await page.close();
      }
  },
  'the winner, the curve and the tree are there to be seen': async (browser) => {
    const {page} = await open(browser, 1, widths.desktop, 'light');
    assert.equal((await page.locator('#winner pre').innerText()).trim().split('\n').length, 19);
    assert.match(await page.locator('#winner .verdict').innerText(), /accepted/);
    const curve = await page.locator('svg path').boundingBox();
    assert(curve.width > 300 && curve.height > 50, JSON.stringify(curve));
    const candidates = page.locator('ul.tree details');
    assert(await candidates.count() > 20);
    const first = candidates.first();
    assert(!await first.locator('pre').isVisible());
    await first.locator('summary').click();  // without a script
    assert(await first.locator('pre').isVisible());
    assert.equal(await page.locator('li.won').count(), 1);
    await page.close();
  },
  'a long lineage stays readable on a phone': async (browser) => {
    const {page} = await open(browser, 1, widths.phone, 'light');
    const narrow = await page.locator('ul.tree summary').evaluateAll(
        (all) => Math.min(...all.map((one) => one.getBoundingClientRect().width)));
    assert(narrow > 120, `a line of ${narrow} pixels`);
    await page.close();
  },
  'hostile texts are shown and do nothing': async (browser) => {
    const {page, complaints} = await open(browser, 2, widths.desktop, 'light');
    assert(!(await page.title()).includes('owned'));
    assert.equal(await page.locator('img, script').count(), 0);
    assert((await page.innerText('body')).includes('<img src=x'));
    assert.deepEqual(complaints, []);
    await page.close();
  },
};

let failed = 0;
const browser = await chromium.launch({executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu']});
try {
  solve(join(examples, 'sorting_network/eight.toml'));
  solve(hostileTask());
  for (const run of ['1', '2']) execFileSync(hasten, ['report', run, '--log', log, '-o', join(folder, `${run}.html`)]);
  for (const [name, test] of Object.entries(tests)) {
    try {
      await test(browser);
      console.log(`ok    ${name}`);
    } catch (error) {
      ++failed;
      console.log(`FAIL  ${name}: ${error.message}`);
    }
  }
} finally {
  await browser.close();
  rmSync(folder, {recursive: true, force: true});
}
process.exit(failed ? 1 : 0);
