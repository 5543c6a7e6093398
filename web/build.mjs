// Builds the page and writes it as a C++ file: `node build.mjs FOLDER ASSETS.cc`. Only cmake/page.cmake runs it; nothing that
// it writes is kept in git. The same sources give the same bytes.
import {createHash} from 'node:crypto';
import {readFileSync, readdirSync, writeFileSync} from 'node:fs';
import {extname, join, relative, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';
import {constants, gzipSync} from 'node:zlib';
import {build} from 'vite';

const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

function filesBelow(folder) {
  return readdirSync(folder, {withFileTypes: true}).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

function byteArray(name, bytes) {
  const lines = [];
  for (let at = 0; at < bytes.length; at += 40) lines.push([...bytes.subarray(at, at + 40)].join(','));
  return `const unsigned char ${name}[] = {\n${lines.join(',\n')}};\n`;
}

const [folder, target] = process.argv.slice(2);
const root = fileURLToPath(new URL('.', import.meta.url));
await build({root, configFile: join(root, 'vite.config.mjs'), logLevel: 'warn', build: {outDir: resolve(folder)}});

let arrays = '', rows = '';
filesBelow(folder).sort().forEach((path, i) => {
  const type = types[extname(path)];
  if (!type) throw new Error(`build.mjs: no content type is known for ${path}`);
  const bytes = readFileSync(path);
  const gzip = gzipSync(bytes, {level: constants.Z_BEST_COMPRESSION});
  const url = relative(folder, path).replace(/^index\.html$/, '').split('\\').join('/');
  const etag = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
  arrays += byteArray(`kFile${i}`, bytes) + byteArray(`kGzip${i}`, gzip);
  rows += `    {"/${url}", "${type}", "\\"${etag}\\"", View(kFile${i}), View(kGzip${i})},\n`;
});
writeFileSync(target, `// Made by web/build.mjs.
#include "serve/page_assets.h"

namespace hasten {
namespace {
${arrays}
template <size_t N>
std::string_view View(const unsigned char (&bytes)[N]) {
  return {reinterpret_cast<const char*>(bytes), N};
}
}  // namespace

std::span<const PageAsset> PageAssets() {
  static const PageAsset kAssets[] = {
${rows}  };
  return kAssets;
}
}  // namespace hasten
`);
