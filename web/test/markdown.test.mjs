import assert from 'node:assert/strict';
import {test} from 'node:test';
import {parseInline, safeAddress} from '../src/text/inline.ts';
import {parseMarkdown} from '../src/text/markdown.ts';

const text = (t) => ({type: 'text', text: t});
const blocks = (source) => parseMarkdown(source).map((s) => s.block);

test('inline marks', () => {
  const table = [
    ['plain', [text('plain')]],
    ['a **b** c', [text('a '), {type: 'strong', children: [text('b')]}, text(' c')]],
    ['*a **b***', [{type: 'em', children: [text('a '), {type: 'strong', children: [text('b')]}]}]],
    ['snake_case_name', [text('snake_case_name')]],
    ['_yes_', [{type: 'em', children: [text('yes')]}]],
    ['2 * 3 * 4', [text('2 * 3 * 4')]],
    ['**open', [text('**open')]],
    ['~~gone~~', [{type: 'del', children: [text('gone')]}]],
    ['`a*b*` \\*c\\*', [{type: 'code', text: 'a*b*'}, text(' *c*')]],
    ['``a`b``', [{type: 'code', text: 'a`b'}]],
    ['`open', [text('`open')]],
    ['a  \nb', [text('a'), {type: 'break'}, text('b')]],
    ['[x](https://a.b/c "t")', [{type: 'link', href: 'https://a.b/c', children: [text('x')]}]],
    ['![alt](https://a.b/p.png)', [{type: 'link', href: 'https://a.b/p.png', children: [text('alt')]}]],
    ['see https://a.b/c.', [text('see '), {type: 'link', href: 'https://a.b/c', children: [text('https://a.b/c')]}, text('.')]],
    ['<https://a.b>', [{type: 'link', href: 'https://a.b', children: [text('https://a.b')]}]],
    ['<b>&amp;</b>', [text('<b>&amp;</b>')]],
  ];
  for (const [source, wanted] of table) assert.deepEqual(parseInline(source), wanted, source);
});

test('addresses that could run something are text', () => {
  const bad = ['javascript:alert(1)', 'JaVaScRiPt:alert(1)', ' javascript:x', 'java\tscript:x', 'data:text/html,x', 'vbscript:x',
               'file:///etc/passwd', '//a.b', '/v1/models', 'https://a b', 'https://a\u0000b', 'blob:https://x'];
  for (const address of bad) {
    assert.equal(safeAddress(address), null, address);
    assert(parseInline(`[x](<${address}>)`).every((n) => n.type === 'text'), address);
  }
  assert.equal(safeAddress('https://a.b/?q=1&r=2'), 'https://a.b/?q=1&r=2');
  assert.equal(safeAddress('mailto:a@b.c'), 'mailto:a@b.c');
});

test('blocks', () => {
  assert.deepEqual(blocks('# A\ntext\nmore\n\n---\n> q\n> r'), [
    {type: 'heading', level: 1, children: [text('A')]}, {type: 'paragraph', children: [text('text\nmore')]}, {type: 'rule'},
    {type: 'quote', children: [{type: 'paragraph', children: [text('q\nr')]}]},
  ]);
  assert.deepEqual(blocks('```Js\nlet a;\n\n# b\n```\nend'),
                   [{type: 'code', language: 'js', text: 'let a;\n\n# b', open: false}, {type: 'paragraph', children: [text('end')]}]);
  assert.deepEqual(blocks('~~~\nstill being written'), [{type: 'code', language: '', text: 'still being written', open: true}]);
});

test('lists', () => {
  const [list] = blocks('- a\n- b\n  - c\n    - d\n\n  more of b\n- [x] e');
  assert.equal(list.items.length, 3);
  assert.equal(list.items[1].children[1].type, 'list');
  assert.equal(list.items[1].children[1].items[0].children[1].items[0].children[0].children[0].text, 'd');
  assert.equal(list.items[1].children[2].children[0].text, 'more of b');
  assert.deepEqual([list.items[0].task, list.items[2].task], [null, true]);
  const [numbered, after] = blocks('3. c\n4. d\n\nend');
  assert.deepEqual([numbered.ordered, numbered.start, numbered.items.length, after.type], [true, 3, 2, 'paragraph']);
  const [code] = blocks('1. do\n   ```\n   x\n   ```\n2. done');
  assert.equal(code.items[0].children[1].text, 'x');
  assert.equal(blocks('In 2024. no list')[0].type, 'paragraph');
});

test('tables', () => {
  const [table] = blocks('| a | b \\| c |\n|:--|--:|\n| 1 | `2` |\n| 3 |\n\nend');
  assert.deepEqual(table.align, ['left', 'right']);
  assert.deepEqual(table.head[1], [text('b | c')]);
  assert.deepEqual(table.rows, [[[text('1')], [{type: 'code', text: '2'}]], [[text('3')], []]]);
  assert.equal(blocks('a | b\nno rule')[0].type, 'paragraph');
});

test('a text that grows keeps the blocks that are complete', () => {
  const whole = '# A\n\none **two**\n\n```c\nint x;\n```\n\n- a\n- b\n';
  for (let cut = 1; cut <= whole.length; ++cut) {
    const before = parseMarkdown(whole.slice(0, cut)), after = parseMarkdown(whole.slice(0, cut + 1));
    for (let i = 0; i + 2 < before.length; ++i) assert.deepEqual(after[i], before[i]);
  }
});

test('nothing that a model writes is slow or ends it', () => {
  const many = (piece) => piece.repeat(Math.ceil(60_000 / piece.length));
  for (const piece of ['*a ', '**a', '_', '[', '![', '[a](', '`', '``a`', '<', '> ', '- ', '  - ', '|', '|-|\n', '# ', '\\', '~~', '***a** ', 'http://', '1. ', '\n\n', '*a **b ', '((((', '[a](b(c(']) {
    const started = process.cpuUsage();
    parseMarkdown(many(piece));
    const {user, system} = process.cpuUsage(started);
    assert(user + system < 8e6, `${JSON.stringify(piece)} takes ${(user + system) / 1e6} s`);  // quadratic: minutes
  }
});

test('random bytes give a tree whose texts come from them', () => {
  let seed = 7;
  const next = (n) => (seed = (seed * 1103515245 + 12345) % 2147483648) % n;
  const alphabet = '*_`~[]()<>#-+|\\\n\n  ab1.:!"https://'.split('');
  for (let round = 0; round < 2000; ++round) {
    const source = Array.from({length: next(60)}, () => alphabet[next(alphabet.length)]).join('');
    for (const {block} of parseMarkdown(source)) assert(typeof block.type === 'string', source);
  }
});
