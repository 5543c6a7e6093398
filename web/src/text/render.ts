// Elements from Markdown's tree. Every text goes in as text, every address has been judged: nothing that a model writes can
// become markup, load anything or run.
import {copyButton} from '../app/clipboard';
import {fill, h} from '../app/dom';
import {highlight} from './highlight';
import type {Inline} from './inline';
import {parseMarkdown, type Block} from './markdown';

function inline(nodes: Inline[]): (Node | string)[] {
  return nodes.map((node) => {
    switch (node.type) {
      case 'text':
        return node.text;
      case 'code':
        return h('code', {}, node.text);
      case 'break':
        return h('br');
      case 'link':
        return h('a', {href: node.href, target: '_blank', rel: 'noopener noreferrer nofollow'}, ...inline(node.children));
      default:
        return h(node.type, {}, ...inline(node.children));
    }
  });
}

export function codeBlock(text: string, language: string): HTMLElement {
  const code = h('code', {}, ...highlight(text, language).map(({kind, text: piece}) => (kind ? h('span', {class: `hl-${kind}`}, piece) : piece)));
  const copy = copyButton('Copy this code', () => text);
  return h('figure', {class: 'code'}, h('figcaption', {}, h('span', {}, language || 'text'), copy), h('pre', {tabindex: '0'}, code));
}

function element(block: Block): Node {
  switch (block.type) {
    case 'paragraph':
      return h('p', {}, ...inline(block.children));
    case 'heading':  // a message stands below the page's own headings
      return h(`h${Math.min(6, block.level + 2)}` as 'h3', {}, ...inline(block.children));
    case 'rule':
      return h('hr');
    case 'code':
      return codeBlock(block.text, block.language);
    case 'quote':
      return h('blockquote', {}, ...block.children.map(element));
    case 'list': {
      const items = block.items.map(({task, children}) => {
        const only = children.length === 1 || children[1]?.type === 'list' ? children[0] : undefined;
        const body = only?.type === 'paragraph' ? [...inline(only.children), ...children.slice(1).map(element)] : children.map(element);
        const box = task === null ? null : h('input', {type: 'checkbox', disabled: true, checked: task, 'aria-label': task ? 'done' : 'to do'});
        return h('li', {class: task === null ? null : 'task'}, box, ...body);
      });
      return block.ordered ? h('ol', {start: block.start}, ...items) : h('ul', {}, ...items);
    }
    case 'table': {
      const cell = (tag: 'th' | 'td', nodes: Inline[], i: number): HTMLElement => h(tag, {class: block.align[i] || null}, ...inline(nodes));
      return h('div', {class: 'table', tabindex: '0', role: 'region', 'aria-label': 'table'}, h('table', {},
          h('thead', {}, h('tr', {}, ...block.head.map((c, i) => cell('th', c, i)))),
          h('tbody', {}, ...block.rows.map((row) => h('tr', {}, ...row.map((c, i) => cell('td', c, i)))))));
    }
  }
}

// Shows a text that grows: of what was shown before, blocks whose lines are the same stay as they are.
export class MarkdownView {
  readonly root = h('div', {class: 'markdown'});
  private sources: string[] = [];

  show(text: string): void {
    const blocks = parseMarkdown(text);
    let same = 0;
    while (same < blocks.length && blocks[same]!.source === this.sources[same]) ++same;
    while (this.root.childNodes.length > same) this.root.lastChild!.remove();
    for (const {block} of blocks.slice(same)) this.root.append(element(block));
    this.sources = blocks.map((b) => b.source);
  }

  showPlain(text: string): void {
    this.sources = [];
    fill(this.root, h('p', {class: 'plain'}, text));
  }
}
