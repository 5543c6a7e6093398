// Colours for code, of a small kind: comments, texts, numbers, keywords, names that are called. Each language is a few rules;
// a wrong guess costs a colour and nothing else.

export type Kind = 'comment' | 'string' | 'number' | 'keyword' | 'call' | 'type' | 'meta' | 'plus' | 'minus' | '';
export interface Token {
  kind: Kind;
  text: string;
}

interface Language {
  comments?: RegExp;
  strings?: RegExp;
  meta?: RegExp;
  keywords?: Set<string>;
  ignoreCase?: boolean;
}

const words = (text: string): Set<string> => new Set(text.split(' '));
const slashes = /\/\/[^\n]*|\/\*[^]*?(?:\*\/|$)/y;
const hashes = /#[^\n]*/y;
const quotes = /"(?:\\[^]|[^"\\\n])*"?|'(?:\\[^]|[^'\\\n])*'?/y;

const cLike = 'if else for while do switch case default break continue return goto const static struct enum union class public private protected ' +
    'virtual override final new delete this throw try catch finally template typename using namespace auto void int char float double bool long short ' +
    'unsigned signed true false null nullptr operator sizeof inline extern constexpr import package interface extends implements abstract ' +
    'boolean byte super instanceof synchronized volatile var foreach in out ref async await string';
const script = 'if else for while do switch case default break continue return const let var function class extends new delete this throw try catch ' +
    'finally import export from as of in typeof instanceof void yield async await static get set true false null undefined super interface type enum ' +
    'implements private public protected readonly declare namespace abstract satisfies keyof';
const rust = 'as async await break const continue crate dyn else enum extern false fn for if impl in let loop match mod move mut pub ref return self Self ' +
    'static struct super trait true type unsafe use where while';
const go = 'break case chan const continue default defer else fallthrough for func go goto if import interface map package range return select struct ' +
    'switch type var true false nil';
const python = 'and as assert async await break class continue def del elif else except False finally for from global if import in is lambda None ' +
    'nonlocal not or pass raise return True try while with yield match case self';
const ruby = 'alias and begin break case class def do else elsif end ensure false for if in module next nil not or redo rescue retry return self super ' +
    'then true unless until when while yield require';
const lua = 'and break do else elseif end false for function goto if in local nil not or repeat return then true until while';
const shell = 'if then else elif fi for while until do done case esac in function return local export set unset echo cd exit source sudo';
const sql = 'select from where and or not insert into values update set delete create table drop alter add column primary key foreign references index ' +
    'join left right inner outer full cross on as group by order having limit offset union all distinct case when then else end null is in like between ' +
    'exists with recursive asc desc count sum avg min max view trigger begin commit rollback';

const languages: Record<string, Language> = {
  c: {comments: slashes, strings: quotes, meta: /#[ \t]*[a-z]+[^\n]*/y, keywords: words(cLike)},
  js: {comments: slashes, strings: /"(?:\\[^]|[^"\\\n])*"?|'(?:\\[^]|[^'\\\n])*'?|`(?:\\[^]|[^`\\])*`?/y, meta: /@[\w.]+/y, keywords: words(script)},
  rust: {comments: slashes, strings: /"(?:\\[^]|[^"\\])*"?|'(?:\\.|[^'\\\n])'/y, meta: /#!?\[[^\]\n]*\]?/y, keywords: words(rust)},
  go: {comments: slashes, strings: /"(?:\\[^]|[^"\\\n])*"?|'(?:\\.|[^'\\\n])+'|`[^`]*`?/y, keywords: words(go)},
  python: {comments: hashes, strings: /[rbfuRBFU]{0,2}(?:"""[^]*?(?:"""|$)|'''[^]*?(?:'''|$)|"(?:\\[^]|[^"\\\n])*"?|'(?:\\[^]|[^'\\\n])*'?)/y, meta: /@[\w.]+/y, keywords: words(python)},
  ruby: {comments: hashes, strings: quotes, meta: /[:@]{1,2}\w+/y, keywords: words(ruby)},
  lua: {comments: /--\[\[[^]*?(?:\]\]|$)|--[^\n]*/y, strings: /"(?:\\[^]|[^"\\\n])*"?|'(?:\\[^]|[^'\\\n])*'?|\[\[[^]*?(?:\]\]|$)/y, keywords: words(lua)},
  shell: {comments: hashes, strings: /"(?:\\[^]|[^"\\])*"?|'[^']*'?/y, meta: /\$\{?[\w@#?*!]+\}?|(?<=\s)--?[\w-]+/y, keywords: words(shell)},
  sql: {comments: /--[^\n]*|\/\*[^]*?(?:\*\/|$)/y, strings: /'(?:''|[^'])*'?|"[^"\n]*"?/y, keywords: words(sql), ignoreCase: true},
  json: {comments: slashes, strings: /"(?:\\[^]|[^"\\\n])*"?/y, meta: /"(?:\\[^]|[^"\\\n])*"(?=\s{0,9}:)/y, keywords: words('true false null')},
  config: {comments: /[#;][^\n]*/y, strings: quotes, meta: /\[[^\]\n]*\]|[\w.-]{1,80}(?=\s{0,4}[:=])/y, keywords: words('true false null yes no on off')},
  markup: {comments: /<!--[^]*?(?:-->|$)/y, strings: /"[^"]*"?|'[^'\n]*'/y, meta: /<\/?[\w:-]+|\/?>|&\w+;/y},
  css: {comments: /\/\*[^]*?(?:\*\/|$)/y, strings: quotes, meta: /[@.#][\w-]+|--[\w-]+|[\w-]{1,80}(?=\s{0,4}:)/y, keywords: words('important inherit none auto')},
};

const names: Record<string, string> = {};
for (const [language, list] of Object.entries({
  c: 'c cc cpp c++ cxx h hpp java kotlin kt cs csharp c# swift php scala dart objc cuda zig', js: 'js jsx ts tsx mjs javascript typescript node',
  rust: 'rust rs', go: 'go golang', python: 'python py python3 starlark', ruby: 'ruby rb elixir', lua: 'lua', shell: 'sh bash zsh shell console fish dockerfile makefile make',
  sql: 'sql sqlite postgresql mysql', json: 'json json5 jsonc jsonl', config: 'yaml yml toml ini conf env properties cmake', markup: 'html xml svg vue',
  css: 'css scss less',
})) for (const name of list.split(' ')) names[name] = language;

const number = /(?:0[xXbBoO][\da-fA-F_]+|\d[\d_]*(?:\.\d[\d_]*)?(?:[eE][+-]?\d+)?)[a-zA-Z]{0,3}/y;
const name = /[\p{L}_$][\p{L}\p{N}_$]*/uy;

function diffTokens(text: string): Token[] {
  return text.split(/(?<=\n)/).map((line) => ({
    kind: line.startsWith('+') ? 'plus' : line.startsWith('-') ? 'minus' : line.startsWith('@') ? 'meta' : '', text: line}));
}

// All of `text`, in order.
export function highlight(text: string, languageName: string): Token[] {
  if (languageName === 'diff' || languageName === 'patch') return diffTokens(text);
  const language = languages[names[languageName] ?? ''];
  if (!language || text.length > 50_000) return [{kind: '', text}];
  const out: Token[] = [];
  const put = (kind: Kind, piece: string): void => {
    const last = out.at(-1);
    if (last && last.kind === kind) last.text += piece;
    else out.push({kind, text: piece});
  };
  const rules: [Kind, RegExp | undefined][] = [['comment', language.comments], ['meta', language.meta], ['string', language.strings]];
  for (let at = 0; at < text.length;) {
    let taken = false;
    for (const [kind, pattern] of rules) {
      if (!pattern) continue;
      pattern.lastIndex = at;
      const match = pattern.exec(text);
      if (!match || match[0] === '') continue;
      put(kind, match[0]);
      at += match[0].length;
      taken = true;
      break;
    }
    if (taken) continue;
    name.lastIndex = number.lastIndex = at;
    const word = name.exec(text)?.[0];
    if (word) {
      const known = language.keywords?.has(language.ignoreCase ? word.toLowerCase() : word);
      const after = text[at + word.length];
      put(known ? 'keyword' : after === '(' ? 'call' : /^[A-Z]\w*[a-z]/.test(word) && language.keywords ? 'type' : '', word);
      at += word.length;
      continue;
    }
    const digits = number.exec(text)?.[0];
    put(digits ? 'number' : '', digits ?? text[at]!);
    at += digits ? digits.length : 1;
  }
  return out;
}
