// Markdown's blocks: text to a tree, of which text/render.ts makes elements. A text that is still being written is read as far
// as it goes: a fence without end is code.
// Source: CommonMark 0.31 and GitHub Flavored Markdown, the parts that models write.
import {parseInline, type Inline} from './inline';

export type Block =
    | {type: 'paragraph'; children: Inline[]}
    | {type: 'heading'; level: number; children: Inline[]}
    | {type: 'code'; language: string; text: string; open: boolean}
    | {type: 'quote'; children: Block[]}
    | {type: 'list'; ordered: boolean; start: number; items: {task: boolean | null; children: Block[]}[]}
    | {type: 'table'; align: ('left' | 'center' | 'right' | '')[]; head: Inline[][]; rows: Inline[][][]}
    | {type: 'rule'};

// A top-level block and the lines that it was made of: equal lines give an equal block.
export interface Sourced {
  source: string;
  block: Block;
}

const kMostDepth = 8, kMostColumns = 64;

const fence = /^( {0,3})(`{3,}|~{3,})\s*([^`\n]*)$/;
const heading = /^ {0,3}(#{1,6})(?:\s+(.*?))?(?:\s+#+)?\s*$/;
const rule = /^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$/;
const quote = /^ {0,3}> ?/;
const item = /^( *)([-*+]|\d{1,9}[.)])( +|$)(.*)$/;
const divider = /^ {0,3}\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/;

function cells(line: string): string[] {
  const out: string[] = [];
  let cell = '';
  for (let i = 0, end = line.length; i < end; ++i) {
    const c = line[i]!;
    if (c === '\\' && line[i + 1] === '|') {
      cell += '|';
      ++i;
    } else if (c === '|') {
      out.push(cell.trim());
      cell = '';
    } else {
      cell += c;
    }
  }
  out.push(cell.trim());
  if (out[0] === '') out.shift();
  if (out.length > 0 && out.at(-1) === '') out.pop();
  return out.slice(0, kMostColumns);
}

class BlockParser {
  private at = 0;
  constructor(private readonly lines: string[], private readonly depth: number) {}

  parse(): Sourced[] {
    const out: Sourced[] = [];
    while (this.at < this.lines.length) {
      if (this.lines[this.at]!.trim() === '') {
        ++this.at;
        continue;
      }
      const begin = this.at;
      const block = this.block();
      out.push({source: this.lines.slice(begin, this.at).join('\n'), block});
    }
    return out;
  }

  private block(): Block {
    const line = this.lines[this.at]!;
    const fenced = fence.exec(line);
    if (fenced) return this.code(fenced[1]!.length, fenced[2]!, fenced[3]!);
    const headed = heading.exec(line);
    if (headed) {
      ++this.at;
      return {type: 'heading', level: headed[1]!.length, children: parseInline(headed[2] ?? '')};
    }
    if (rule.test(line)) {
      ++this.at;
      return {type: 'rule'};
    }
    if (this.depth < kMostDepth) {
      if (quote.test(line)) return this.quote();
      if (item.test(line)) return this.list();
      if (line.includes('|') && divider.test(this.lines[this.at + 1] ?? '') && this.lines[this.at + 1]!.includes('-')) {
        const table = this.table();
        if (table) return table;
      }
    }
    return this.paragraph();
  }

  private code(indent: number, mark: string, info: string): Block {
    const inside: string[] = [];
    let open = true;
    for (++this.at; this.at < this.lines.length; ++this.at) {
      const line = this.lines[this.at]!;
      const ending = line.trim();
      if (ending.length >= mark.length && ending === mark[0]!.repeat(ending.length)) {
        open = false;
        ++this.at;
        break;
      }
      let cut = 0;
      while (cut < indent && line[cut] === ' ') ++cut;
      inside.push(line.slice(cut));
    }
    return {type: 'code', language: info.trim().split(/\s+/)[0]?.toLowerCase() ?? '', text: inside.join('\n'), open};
  }

  private quote(): Block {
    const inside: string[] = [];
    for (; this.at < this.lines.length && quote.test(this.lines[this.at]!); ++this.at)
      inside.push(this.lines[this.at]!.replace(quote, ''));
    return {type: 'quote', children: new BlockParser(inside, this.depth + 1).parse().map((s) => s.block)};
  }

  private list(): Block {
    const first = item.exec(this.lines[this.at]!)!;
    const ordered = /\d/.test(first[2]!);
    const base = first[1]!.length;
    const items: {task: boolean | null; children: Block[]}[] = [];
    while (this.at < this.lines.length) {
      const match = item.exec(this.lines[this.at]!);
      if (!match || match[1]!.length > base + 1 || match[1]!.length < base || /\d/.test(match[2]!) !== ordered) break;
      if (rule.test(this.lines[this.at]!)) break;
      items.push(this.item(match));
      // Blank lines between items; behind the last one they end the list.
      let ahead = this.at;
      while (ahead < this.lines.length && this.lines[ahead]!.trim() === '') ++ahead;
      if (ahead < this.lines.length && item.test(this.lines[ahead]!)) this.at = ahead;
      else if (ahead > this.at) break;
    }
    const start = ordered ? Number.parseInt(first[2]!, 10) : 1;
    return {type: 'list', ordered, start, items};
  }

  private item(match: RegExpExecArray): {task: boolean | null; children: Block[]} {
    const width = match[1]!.length + match[2]!.length + Math.min(match[3]!.length || 1, 4);
    const inside = [match[4]!];
    for (++this.at; this.at < this.lines.length; ++this.at) {
      const line = this.lines[this.at]!;
      const indent = line.length - line.trimStart().length;
      if (line.trim() === '') {
        // Goes on only where what follows stands under this item.
        let ahead = this.at + 1;
        while (ahead < this.lines.length && this.lines[ahead]!.trim() === '') ++ahead;
        const next = this.lines[ahead];
        if (next === undefined || next.length - next.trimStart().length < Math.min(width, match[1]!.length + 2)) break;
        inside.push('');
      } else if (indent >= Math.min(width, match[1]!.length + 2)) {
        inside.push(line.slice(Math.min(indent, width)));
      } else if (item.test(line) || fence.test(line) || heading.test(line) || rule.test(line) || quote.test(line)) {
        break;
      } else {
        inside.push(line.trimStart());  // a lazy line of the item's paragraph
      }
    }
    let task: boolean | null = null;
    const box = /^\[([ xX])\]\s+/.exec(inside[0]!);
    if (box) {
      task = box[1] !== ' ';
      inside[0] = inside[0]!.slice(box[0].length);
    }
    return {task, children: new BlockParser(inside, this.depth + 1).parse().map((s) => s.block)};
  }

  private table(): Block | null {
    const head = cells(this.lines[this.at]!);
    const rules = cells(this.lines[this.at + 1]!);
    if (head.length === 0 || head.length !== rules.length) return null;
    const align = rules.map((r) => (r.startsWith(':') && r.endsWith(':') ? 'center' : r.endsWith(':') ? 'right' : r.startsWith(':') ? 'left' : ''));
    const rows: Inline[][][] = [];
    for (this.at += 2; this.at < this.lines.length; ++this.at) {
      const line = this.lines[this.at]!;
      if (line.trim() === '' || !line.includes('|')) break;
      const row = cells(line);
      rows.push(head.map((_, i) => parseInline(row[i] ?? '')));
    }
    return {type: 'table', align, head: head.map((c) => parseInline(c)), rows};
  }

  private paragraph(): Block {
    const inside = [this.lines[this.at++]!.trimStart()];
    for (; this.at < this.lines.length; ++this.at) {
      const line = this.lines[this.at]!;
      if (line.trim() === '' || fence.test(line) || heading.test(line) || rule.test(line) || quote.test(line)) break;
      const listed = item.exec(line);
      if (listed && (listed[2] === '1.' || listed[2] === '1)' || !/\d/.test(listed[2]!)) && this.depth < kMostDepth) break;
      inside.push(line.trimStart());
    }
    return {type: 'paragraph', children: parseInline(inside.join('\n').trimEnd())};
  }
}

export function parseMarkdown(text: string): Sourced[] {
  return new BlockParser(text.replace(/\r\n?/g, '\n').replace(/\t/g, '    ').split('\n'), 0).parse();
}
