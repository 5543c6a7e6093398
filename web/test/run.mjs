// Bundles each *.test.mjs with the sources it imports and runs it by Node's own test runner, 18 or later.
import {spawnSync} from 'node:child_process';
import {mkdtempSync, readdirSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {buildSync} from 'esbuild';

const here = fileURLToPath(new URL('.', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'hasten-web-'));
const tests = readdirSync(here).filter((name) => name.endsWith('.test.mjs'));
buildSync({
  entryPoints: tests.map((name) => join(here, name)), outdir: folder, outExtension: {'.js': '.mjs'}, bundle: true, format: 'esm',
  platform: 'node', logLevel: 'warning',
});
const {status} = spawnSync(process.execPath, ['--test', ...tests.map((name) => join(folder, name))], {stdio: 'inherit'});
rmSync(folder, {recursive: true});
process.exit(status ?? 1);
