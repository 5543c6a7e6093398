import assert from 'node:assert/strict';
import {test} from 'node:test';
import {EventParser} from '../src/app/sse.ts';
import {parseSchema, readSettings, requestOf, defaults} from '../src/chat/settings.ts';
import {piecesOf} from '../src/chat/stream.ts';
import {addMessage, choose, newConversation, pathOf, pathTo, readConversation, requestMessages, sideBySide, siblingsOf} from '../src/chat/tree.ts';
import {History, linePath, ratesBetween} from '../src/engine/rates.ts';
import {wrongPlace} from '../src/text/json_place.ts';
import {highlight} from '../src/text/highlight.ts';

test('events come in any pieces', () => {
  const whole = ': note\r\ndata: {"a":\r\ndata: 1}\r\n\r\nevent: x\ndata:two\n\ndata: [DONE]\n\ndata: cut';
  const wanted = ['{"a":\n1}', 'two', '[DONE]'];
  for (let size = 1; size < whole.length; ++size) {
    const parser = new EventParser();
    const got = [];
    for (let at = 0; at < whole.length; at += size) got.push(...parser.push(whole.slice(at, at + size)));
    assert.deepEqual(got, wanted, `pieces of ${size}`);
  }
});

test('chunks of an answer', () => {
  const chunk = (choices, usage) => JSON.stringify({choices, usage});
  assert.deepEqual(piecesOf(chunk([{index: 1, delta: {content: 'x', reasoning_content: 'why'}}])),
                   [{kind: 'thought', index: 1, text: 'why'}, {kind: 'text', index: 1, text: 'x'}]);
  assert.deepEqual(piecesOf(chunk([{index: 0, delta: {}, finish_reason: 'length'}])), [{kind: 'end', index: 0, reason: 'length'}]);
  assert.deepEqual(piecesOf(chunk([], {completion_tokens: 3})), [{kind: 'usage', usage: {completion_tokens: 3}}]);
  assert.deepEqual(piecesOf('[DONE]'), []);
  assert.throws(() => piecesOf('{"error":{"message":"it stops"}}'), /it stops/);
});

test('editing and asking again keep what was', () => {
  const c = newConversation('Be brief.');
  const q = addMessage(c, null, 'user', 'one');
  const a = addMessage(c, q.id, 'assistant', 'first');
  const b = addMessage(c, q.id, 'assistant', 'second');
  assert.deepEqual(pathOf(c).map((m) => m.text), ['one', 'second']);
  choose(c, a);
  const edited = addMessage(c, null, 'user', 'two');
  assert.deepEqual(pathOf(c).map((m) => m.text), ['two']);
  assert.deepEqual(siblingsOf(c, edited).map((m) => m.text), ['one', 'two']);
  choose(c, q);
  assert.deepEqual(pathOf(c).map((m) => m.text), ['one', 'first']);
  assert.deepEqual(requestMessages(c, pathTo(c, b)), [{role: 'system', content: 'Be brief.'}, {role: 'user', content: 'one'}, {role: 'assistant', content: 'second'}]);
  a.batch = b.batch = 'x';
  assert.equal(sideBySide(c, a).length, 2);
  addMessage(c, a.id, 'user', 'go on');
  assert.equal(sideBySide(c, a).length, 1);
});

test('what is kept is read as far as it makes sense', () => {
  const c = newConversation();
  addMessage(c, addMessage(c, null, 'user', 'a').id, 'assistant', 'b');
  const copy = (value) => JSON.parse(JSON.stringify(value));
  assert.deepEqual(copy(readConversation(copy(c))), copy(c), 'round trip');
  for (const bad of [null, 7, 'x', [], {}, {id: 1, messages: []}, {id: 'a'}]) assert.equal(readConversation(bad), null);
  const odd = readConversation({id: 'a', messages: [null, 3, {id: 'm', parent: 'm', role: 'user'}, {id: 'n', parent: null, role: 'root'}, {id: 'o', parent: null, role: 'user', text: 5}], chosen: {'': 7}});
  assert.deepEqual(odd.messages.map((m) => m.id), ['o']);
  assert.equal(pathOf(odd).length, 1);
});

test('settings become a request', () => {
  assert.deepEqual(requestOf({...defaults}), {body: {}});
  const s = {...defaults, model: 'm', answers: 3, temperature: '0', topK: '5', stop: 'a\n\nb', seed: '9', schemaOn: true, schema: '{"type":"object"}'};
  const {body} = requestOf(s);
  assert.deepEqual([body.n, body.temperature, body.top_k, body.stop, body.seed], [3, 0, 5, ['a', 'b'], 9]);
  assert.deepEqual(body.response_format.json_schema.schema, {type: 'object'});
  for (const [name, value] of [['temperature', 'hot'], ['topP', '2'], ['maxTokens', '1.5'], ['topK', '-1']])
    assert('problem' in requestOf({...defaults, [name]: value}), name);
  assert.deepEqual(readSettings({answers: 'x', temperature: 3, schemaOn: true, model: 'm'}), {...defaults, schemaOn: true, model: 'm'});
  assert.equal(readSettings({answers: 1e9}).answers, 64);
});

test('what is wrong with a schema has a place', () => {
  assert.match(parseSchema('{\n  "a": }').problem, /^Line 2, column 8/);
  assert.match(parseSchema('[1]').problem, /object/);
  assert.deepEqual(parseSchema('true'), {schema: true});
});

test('the place where a text stops being JSON', () => {
  const table = ['{', '{"a"}', '{"a":1,}', '[1 2]', '[1,', '"a', '"\\x"', '"a\nb"', '01', '1.', 'tru', '{} x', '', "{'a':1}", '[1,]', '-', '+1', 'nul', '{"a":1 "b":2}'];
  for (const text of table) {
    assert.throws(() => JSON.parse(text), SyntaxError, text);
    assert(wrongPlace(text), text);
  }
  for (const text of ['{}', '[]', ' {"a": [1, -0.5e+3, "\\u00e9\\n", null, true, {"b": {}}]} ', '0', '""'])
    assert.equal(wrongPlace(text), null, JSON.stringify(JSON.parse(text)));
  assert.equal(wrongPlace('['.repeat(100_000)).what, 'nested too deeply');
  assert.deepEqual(wrongPlace('{\n "a": 1\n "b": 2}'), {line: 3, column: 2, what: 'a comma or } is missing'});
});

test('highlighting changes no text', () => {
  const samples = [['js', 'const a = `x${1}`; // no\nf("y")'], ['python', '@d\ndef f(x):\n  """doc"""\n  return 0x1f'], ['html', '<a href="x">&amp;</a><!-- c -->'],
                   ['sql', "SELECT 'it''s' FROM t -- c"], ['c', '#include <x>\nint main() { return 1.5e3f; }'], ['diff', '+a\n-b\n c'], ['none', 'x'],
                   ['json', '{"a": [1, true, "b"'], ['python', '"""open'], ['shell', 'echo "$HOME" --flag']];
  for (const [language, source] of samples) assert.equal(highlight(source, language).map((t) => t.text).join(''), source, language);
  assert(highlight('if (x) f(1);', 'js').some((t) => t.kind === 'keyword' && t.text === 'if'));
  assert(highlight('"a": 1', 'json').some((t) => t.kind === 'meta'));
  for (const [language, piece] of [['js', '"'], ['js', '`${'], ['python', '"""'], ['html', '<!--'], ['c', '/*'], ['config', 'a'], ['lua', '[['], ['css', 'a-'], ['config', 'a.'], ['json', '" ']]) {
    const started = process.cpuUsage();
    highlight(piece.repeat(40_000 / piece.length), language);
    const {user, system} = process.cpuUsage(started);
    assert(user + system < 8e6, `${language} ${piece}`);
  }
});

test('rates between two looks', () => {
  const look = (now_s, generated, steps, busy_s) => ({now_s, model: {totals: {prompt_tokens: 10 * steps, cached_tokens: 0, generated_tokens: generated, steps, busy_s}}});
  assert.deepEqual(ratesBetween(look(10, 100, 5, 1), look(12, 300, 9, 2)), {written: 100, read: 20, steps: 2, busy: 0.5});
  assert.equal(ratesBetween(look(10, 100, 5, 1), look(12, 0, 0, 0)).written, 0, 'loaded anew');
  const history = new History(3);
  [1, 2, 3, 4].forEach((v) => history.push(v));
  assert.deepEqual(history.values, [2, 3, 4]);
  assert.equal(linePath([0, 10], 3, 100, 50, 10), 'M50.0 50.0L100.0 0.0');
});
