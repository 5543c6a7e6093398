// A candidate's functions, called by requests on descriptor 3, or its program run as a whole. Started ahead of its work.
'use strict';
const fs = require('fs');
const vm = require('vm');

function readExactly(size) {
  const buffer = Buffer.alloc(size);
  for (let have = 0; have < size;) {
    const n = fs.readSync(3, buffer, have, size - have, null);
    if (n <= 0) process.reallyExit(0);
    have += n;
  }
  return buffer;
}

const receive = () => JSON.parse(readExactly(readExactly(4).readUInt32LE(0)).toString('utf8'));

function send(value) {
  const text = Buffer.from(JSON.stringify(value), 'utf8');
  const whole = Buffer.alloc(4 + text.length);
  whole.writeUInt32LE(text.length, 0);
  text.copy(whole, 4);
  for (let at = 0; at < whole.length;) at += fs.writeSync(3, whole, at);
}

function failure(error) {
  const line = /candidate\.js:(\d+)/.exec(String((error && error.stack) || ''));
  const text = String(error).slice(0, 1000);
  return {error: line ? `line ${line[1]}: ${text}` : text, type: String((error && error.name) || 'Error')};
}

const toPlain = (key, value) => {
  if (typeof value === 'bigint')
    return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
  if (value instanceof Map) return Object.fromEntries(value);
  if (value instanceof Set) return [...value];
  return value;
};

async function answer(name, f, args) {
  if (typeof f !== 'function') throw new ReferenceError(`there is no function '${name}'`);
  const value = JSON.stringify(await f(...args), toPlain);
  return {value: value === undefined ? null : JSON.parse(value)};
}

async function serve(source) {
  // One scope for all: const and function declarations of the candidate are found by name there.
  globalThis.module = {exports: {}};
  globalThis.exports = globalThis.module.exports;
  globalThis.require = require;
  vm.runInThisContext(source, {filename: 'candidate.js'});
  send({value: true});
  for (;;) {
    const request = receive();
    let reply;
    try {
      const exported = globalThis.module.exports && globalThis.module.exports[request.f];
      const name = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(request.f) ? request.f : 'undefined';
      const f = exported || vm.runInThisContext(`typeof ${name} === 'undefined' ? undefined : ${name}`);
      reply = await answer(request.f, f, request.a);
    } catch (error) {
      reply = failure(error);
    }
    send(reply);
  }
}

function run(source, args) {
  process.argv = [process.argv[0], 'candidate.js', ...args];
  process.on('uncaughtException', (error) => {
    send(failure(error));
    console.error(error);
    process.reallyExit(1);
  });
  globalThis.require = require;
  globalThis.module = {exports: {}};
  globalThis.exports = globalThis.module.exports;
  vm.runInThisContext(source, {filename: 'candidate.js'});
}

const first = receive();
if (first.role === 'program') {
  run(first.source, first.arguments);
} else {
  serve(first.source).catch((error) => {
    send(failure(error));
    process.reallyExit(1);
  });
}
