// The page of `hasten serve` and the pages of `hasten report` in a real Chromium.
//   node run.mjs HASTEN [NAME]     all tests, or those whose names hold NAME; HASTEN_SHOTS=FOLDER keeps pictures
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {chatTests} from './chat.mjs';
import {engineTests} from './engine.mjs';
import {lookTests} from './look.mjs';
import {runsTests} from './runs.mjs';
import {findChromium, launch, makeModel, startServer} from './support.mjs';

const [hasten, wanted = ''] = process.argv.slice(2);
const executable = findChromium();
if (!executable) {
  console.log('browser: skipped: there is no chromium');
  process.exit(0);
}
const folder = mkdtempSync(join(tmpdir(), 'hasten-browser-'));
const models = ['first', 'second'].map((name) => makeModel(hasten, folder, name));
const log = join(folder, 'runs.db');
const server = await startServer(hasten, [...models, '--ctx', '32768', '--log', log]);
const browser = await launch(executable);
const world = {hasten, folder, models, log, browser, url: server.url};
let passed = 0;
const failed = [];
for (const [name, test] of Object.entries({...chatTests, ...engineTests, ...runsTests, ...lookTests})) {
  if (!name.includes(wanted)) continue;
  try {
    await test(world);
    ++passed;
    console.log(`ok      ${name}`);
  } catch (error) {
    failed.push(name);
    console.log(`FAILED  ${name}\n${error.stack}`);
  }
}
await browser.close();
server.stop();
rmSync(folder, {recursive: true, force: true});
console.log(`browser: ${passed} passed, ${failed.length} failed`);
process.exit(failed.length > 0 || passed === 0 ? 1 : 0);
