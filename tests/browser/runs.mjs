// Runs of `hasten solve`, and the pages of `hasten report`.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {hasCount, openPage, shot, startServer} from './support.mjs';

// A run of a table, which needs neither a model nor a jail.
function solveTable({hasten, folder, log}, name = 'names.csv') {
  const table = join(folder, name);
  writeFileSync(table, 'first,last,initials\nAda,Lovelace,A.L.\nAlan,Turing,A.T.\nGrace,Hopper,G.H.\nEdsger,Dijkstra,\n');
  execFileSync(hasten, ['solve', table, '--accept', '--log', log, '-o', join(folder, 'out.csv'), '--force'], {stdio: 'pipe'});
}

export const runsTests = {
  'without runs the page says so': async ({browser, url}) => {
    const {page, close} = await openPage(browser, `${url}/#/runs`);
    await page.getByText('No runs yet').waitFor();
    await close();
  },

  'runs are listed, and a report is opened and saved': async (world) => {
    solveTable(world);
    solveTable(world, 'more <b>names.csv');
    const {page, close} = await openPage(world.browser, `${world.url}/#/runs`);
    const rows = page.locator('.runs tbody tr');
    await rows.first().waitFor();
    await hasCount(rows, 2);
    assert.match(await rows.first().textContent(), /more <b>names\.csv #2 · table.*solved/);
    await page.getByLabel('Search runs').fill('more');
    await hasCount(rows, 1);
    await shot(page, 'runs');
    await rows.first().getByRole('link').click();
    await page.locator('.report').waitFor();
    assert.match(page.url(), /#\/runs\/2$/);
    assert.equal(await page.locator('.bar h1').textContent(), 'more <b>names.csv');
    await page.locator('.report').getByText('What it cost').waitFor();
    await page.locator('.report').getByRole('heading', {name: 'The task'}).waitFor();
    await shot(page, 'report');
    const download = page.waitForEvent('download');
    await page.getByRole('button', {name: 'Save'}).click();
    assert.equal((await download).suggestedFilename(), 'run-2.html');
    await page.getByRole('link', {name: 'All runs'}).click();
    await hasCount(rows, 2);
    await close();
  },

  'a run that is not there is said': async ({browser, url}) => {
    const {page, close} = await openPage(browser, `${url}/#/runs/77`, {expectedErrors: /404/});
    await page.getByRole('alert').getByText('no run 77').waitFor();
    await close();
  },

  '--no-runs shows none, --no-page no page': async ({browser, hasten, models, log}) => {
    const quiet = await startServer(hasten, [models[0], '--ctx', '512', '--log', log, '--no-runs']);
    const {page, close} = await openPage(browser, `${quiet.url}/#/runs`, {expectedErrors: /404/});
    await page.getByRole('alert').getByText('--no-runs').waitFor();
    await close();
    quiet.stop();
    const bare = await startServer(hasten, [models[0], '--ctx', '512', '--log', log, '--no-page']);
    for (const path of ['/', '/hasten/runs', '/hasten/runs/1']) assert.equal((await fetch(bare.url + path)).status, 404, path);
    assert.equal((await fetch(`${bare.url}/v1/models`)).status, 200);
    bare.stop();
  },

  'hasten report stands alone in a browser': async (world) => {
    solveTable(world, 'alone.csv');
    const runs = execFileSync(world.hasten, ['runs', '--log', world.log, '--json']).toString().trim().split('\n').map((line) => JSON.parse(line));
    const id = Math.max(...runs.flat().map((run) => run.id));
    const file = join(world.folder, 'report.html');
    execFileSync(world.hasten, ['report', String(id), '--log', world.log, '-o', file]);
    const {page, close} = await openPage(world.browser, `file://${file}`);
    assert.equal(await page.locator('h1').textContent(), 'alone.csv');
    assert.equal(await page.locator('script').count(), 0);
    await page.getByText('What it cost').waitFor();
    await close();
  },
};
