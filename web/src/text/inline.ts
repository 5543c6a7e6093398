// Inline Markdown: text to a tree. Markup of HTML is text like any other. Linear in time but for its depth, which is bounded:
// what a model writes may be made to be slow.
// Source: CommonMark 0.31 and GitHub Flavored Markdown, the parts that models write.

export type Inline =
    | {type: 'text'; text: string}
    | {type: 'code'; text: string}
    | {type: 'break'}
    | {type: 'strong' | 'em' | 'del'; children: Inline[]}
    | {type: 'link'; href: string; children: Inline[]};

const kMostDepth = 12, kMostLabel = 1000, kMostAddress = 2000;

// Only addresses that open a page or a letter; a script is none.
export function safeAddress(address: string): string | null {
  const trimmed = address.trim();
  if (/[\u0000-\u0020\u007f-\u009f]/.test(trimmed)) return null;
  return /^(https?:\/\/|mailto:)[^\s]+$/i.test(trimmed) ? trimmed : null;
}

const marks: {mark: string; type: 'strong' | 'em' | 'del'}[] = [
  {mark: '**', type: 'strong'}, {mark: '__', type: 'strong'}, {mark: '~~', type: 'del'}, {mark: '*', type: 'em'},
  {mark: '_', type: 'em'},
];

const isWord = (c: string | undefined): boolean => c !== undefined && /[\p{L}\p{N}]/u.test(c);
const isSpace = (c: string | undefined): boolean => c === undefined || /\s/.test(c);

class InlineParser {
  private readonly out: Inline[] = [];
  private pending = '';
  private readonly hopeless = new Set<string>();  // marks that are not closed from here to the end

  constructor(private readonly text: string, private readonly depth: number, private readonly inLink: boolean) {}

  parse(): Inline[] {
    for (let at = 0; at < this.text.length;) at = this.step(at);
    this.flush();
    return this.out;
  }

  private flush(): void {
    if (this.pending) this.out.push({type: 'text', text: this.pending});
    this.pending = '';
  }

  private put(node: Inline): void {
    this.flush();
    this.out.push(node);
  }

  // Takes one thing at `at`; returns where the next begins.
  private step(at: number): number {
    const c = this.text[at]!;
    let next: number | null = null;
    if (c === '\\') next = this.escape(at);
    else if (c === '`') next = this.code(at);
    else if (c === '\n') next = this.lineEnd(at);
    else if (c === '*' || c === '_' || c === '~') next = this.emphasis(at);
    else if (c === '[' || c === '!') next = this.link(at);
    else if (c === '<') next = this.autolink(at);
    else if (c === 'h') next = this.bareAddress(at);
    if (next !== null) return next;
    this.pending += c;
    return at + 1;
  }

  private escape(at: number): number | null {
    const next = this.text[at + 1];
    if (next === '\n') {
      this.put({type: 'break'});
      return at + 2;
    }
    if (next === undefined || !/[!-/:-@[-`{-~]/.test(next)) return null;
    this.pending += next;
    return at + 2;
  }

  private lineEnd(at: number): number {
    const hard = this.pending.endsWith('  ');
    this.pending = this.pending.trimEnd();
    if (hard) this.put({type: 'break'});
    else this.pending += '\n';
    return at + 1;
  }

  private code(at: number): number {
    let ticks = 1;
    while (this.text[at + ticks] === '`') ++ticks;
    const mark = '`'.repeat(ticks);
    if (!this.hopeless.has(mark)) {
      for (let end = this.text.indexOf(mark, at + ticks); end >= 0; end = this.text.indexOf(mark, end)) {
        let run = ticks;
        while (this.text[end + run] === '`') ++run;
        if (run === ticks) {
          let inner = this.text.slice(at + ticks, end).replace(/\n/g, ' ');
          if (inner.length > 2 && inner.startsWith(' ') && inner.endsWith(' ')) inner = inner.slice(1, -1);
          this.put({type: 'code', text: inner});
          return end + ticks;
        }
        end += run;
      }
      this.hopeless.add(mark);
    }
    this.pending += mark;
    return at + ticks;
  }

  private emphasis(at: number): number | null {
    for (const {mark, type} of marks) {
      if (!this.text.startsWith(mark, at) || this.hopeless.has(mark) || this.depth >= kMostDepth) continue;
      const inside = at + mark.length;
      if (isSpace(this.text[inside]) || (mark[0] === '_' && isWord(this.text[at - 1]))) continue;
      const end = this.closing(mark, inside);
      if (end < 0) {
        this.hopeless.add(mark);
        continue;
      }
      this.put({type, children: new InlineParser(this.text.slice(inside, end), this.depth + 1, this.inLink).parse()});
      return end + mark.length;
    }
    if (this.text.startsWith(this.text[at]!.repeat(2), at)) {  // half of a pair that leads nowhere is not another mark
      this.pending += this.text.slice(at, at + 2);
      return at + 2;
    }
    return null;
  }

  // Where `mark` closes what began at `from`: behind something, not in code, and not half of a longer mark.
  private closing(mark: string, from: number): number {
    for (let at = from + 1; at < this.text.length; ++at) {
      const c = this.text[at];
      if (c === '\\') {
        ++at;
      } else if (c === '`') {
        const end = this.text.indexOf('`', at + 1);
        if (end > 0 && end - at < kMostLabel) at = end;
      } else if (c === mark[0] && this.text.startsWith(mark, at)) {
        let run = 1;
        while (this.text[at + run] === c) ++run;
        const fits = mark.length === 1 ? run % 2 === 1 : run >= 2;
        const behind = mark.length === 1 ? at + run - 1 : at + run - 2;
        if (fits && !isSpace(this.text[at - 1]) && (c !== '_' || !isWord(this.text[at + run]))) return behind;
        at += run - 1;
      }
    }
    return -1;
  }

  // [label](address "title"); of a picture nothing is loaded, it is a link to it.
  private link(at: number): number | null {
    const open = this.text[at] === '!' ? at + 1 : at;
    if (this.text[open] !== '[' || this.inLink || this.depth >= kMostDepth) return null;
    let close = open + 1;
    for (let nested = 1; close < this.text.length && close - open < kMostLabel; ++close) {
      const c = this.text[close];
      if (c === '\\') ++close;
      else if (c === '[') ++nested;
      else if (c === ']' && --nested === 0) break;
    }
    if (this.text[close] !== ']' || this.text[close + 1] !== '(') return null;
    const rest = this.text.slice(close + 2, close + 2 + kMostAddress);
    const match = /^\s*(?:<([^<>\n]*)>|((?:[^\s()\\]|\\.|\([^\s()]*\))*))(?:\s+(?:"[^"]*"|'[^']*'))?\s*\)/.exec(rest);
    if (!match) return null;
    const href = safeAddress(match[1] ?? match[2] ?? '');
    const label = this.text.slice(open + 1, close);
    if (href === null) {
      this.pending += this.text.slice(at, close + 2 + match[0].length);  // shown as it was written
    } else {
      const children = new InlineParser(label, this.depth + 1, true).parse();
      this.put({type: 'link', href, children: children.length ? children : [{type: 'text', text: href}]});
    }
    return close + 2 + match[0].length;
  }

  private autolink(at: number): number | null {
    const match = /^<(https?:\/\/[^\s<>]{1,2000}|mailto:[^\s<>]{1,300})>/i.exec(this.text.slice(at, at + kMostAddress));
    const href = match && !this.inLink ? safeAddress(match[1]!) : null;
    if (!match || href === null) return null;
    this.put({type: 'link', href, children: [{type: 'text', text: href}]});
    return at + match[0].length;
  }

  private bareAddress(at: number): number | null {
    if (this.inLink || isWord(this.text[at - 1])) return null;
    const match = /^https?:\/\/[^\s<>"'`*]+/.exec(this.text.slice(at, at + kMostAddress));
    if (!match) return null;
    const address = match[0].replace(/[.,;:!?)\]}]+$/, '');
    const href = address.length > 8 ? safeAddress(address) : null;
    if (href === null) return null;
    this.put({type: 'link', href, children: [{type: 'text', text: href}]});
    return at + address.length;
  }
}

export function parseInline(text: string): Inline[] {
  return new InlineParser(text, 0, false).parse();
}
