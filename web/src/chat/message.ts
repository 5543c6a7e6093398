// How one message looks, and what can be done with it.
import {copyButton} from '../app/clipboard';
import {fill, h, iconButton, setText} from '../app/dom';
import {count, rate, seconds} from '../app/numbers';
import {codeBlock, MarkdownView} from '../text/render';
import type {Message} from './tree';

export interface Actions {
  edit(message: Message, text: string): void;
  regenerate(message: Message): void;
  pick(message: Message): void;
  go(message: Message, step: number): void;  // to a sibling
}

// "‹ 2 of 3 ›"
function switcher(message: Message, siblings: Message[], actions: Actions): HTMLElement | null {
  if (siblings.length < 2) return null;
  const at = siblings.indexOf(message);
  return h('span', {class: 'switcher', role: 'group', 'aria-label': 'Versions of this message'},
           iconButton('left', 'The version before', () => actions.go(message, -1), {disabled: at === 0}),
           h('span', {}, `${at + 1} of ${siblings.length}`),
           iconButton('right', 'The next version', () => actions.go(message, 1), {disabled: at === siblings.length - 1}));
}

export function userMessage(message: Message, siblings: Message[], actions: Actions): HTMLElement {
  const text = h('div', {class: 'said'}, message.text);
  const article = h('article', {class: 'message user', 'aria-label': 'You', 'data-id': message.id});
  const show = (): void => {
    fill(article, text, h('footer', {}, switcher(message, siblings, actions),
                          iconButton('edit', 'Edit this message', edit, {'data-action': 'edit'}), copyButton('Copy', () => message.text)));
  };
  const edit = (): void => {
    const field = h('textarea', {'aria-label': 'Edit your message', rows: Math.min(12, message.text.split('\n').length + 1)});
    field.value = message.text;
    const done = (): void => {
      if (field.value.trim() !== '') actions.edit(message, field.value);
    };
    field.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') {
        event.stopPropagation();
        show();
        article.querySelector<HTMLElement>('[data-action=edit]')?.focus();
      } else if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        done();
      }
    });
    fill(article, h('form', {class: 'edit', onsubmit: (event: Event) => {
      event.preventDefault();
      done();
    }}, field, h('div', {class: 'row'}, h('span', {class: 'soft'}, 'What came after stays, as another version.'),
                 h('button', {type: 'button', class: 'quiet', onclick: show}, 'Cancel'), h('button', {type: 'submit'}, 'Send'))));
    field.focus();
  };
  show();
  return article;
}

const ends: Record<string, string> = {length: 'cut off at the limit', stopped: 'stopped', error: 'failed'};

export class AnswerView {
  readonly root: HTMLElement;
  readonly facts = h('span', {class: 'facts'});  // of all answers that were asked for together
  private readonly body = new MarkdownView();
  private readonly json = h('div', {class: 'markdown'});
  private readonly thoughts = new MarkdownView();
  private readonly summary = h('summary', {}, 'Reasoning');
  private readonly details = h('details', {class: 'thoughts'}, this.summary, this.thoughts.root);
  private readonly problem = h('p', {class: 'problem', role: 'alert'});
  private readonly waiting = h('div', {class: 'waiting', 'aria-hidden': 'true'}, h('i'), h('i'), h('i'));
  private readonly footer = h('footer');
  private shown = {text: '\0', thoughts: '\0'};

  // `alone`: not one of several side by side.
  constructor(readonly message: Message, private readonly siblings: Message[], private readonly actions: Actions, alone: boolean) {
    const name = alone ? message.model || 'Answer' : `Answer ${siblings.indexOf(message) + 1}`;
    this.root = h('article', {class: 'message answer', 'aria-label': name, 'data-id': message.id},
                  alone ? null : h('header', {}, name), this.details, message.json ? this.json : this.body.root, this.waiting,
                  this.problem, this.footer);
    this.alone = alone;
  }
  private readonly alone: boolean;

  show(writing: boolean): void {
    const m = this.message;
    if (this.shown.thoughts !== m.thoughts) this.thoughts.show(m.thoughts);
    if (this.shown.text !== m.text || (m.json && !writing)) this.showText(writing);
    this.shown = {text: m.text, thoughts: m.thoughts};
    this.details.hidden = m.thoughts === '';
    setText(this.summary, writing && m.text === '' ? 'Reasoning…' : 'Reasoning');
    this.waiting.hidden = !writing || m.text !== '' || m.finish !== undefined;
    this.problem.hidden = !m.error;
    setText(this.problem, m.error ?? '');
    this.root.classList.toggle('writing', writing && m.finish === undefined);
    this.root.setAttribute('aria-busy', String(writing));
    if (!writing) this.showFooter();
    else if (this.footer.childNodes.length > 0) fill(this.footer);
  }

  private showText(writing: boolean): void {
    if (!this.message.json) return this.body.show(this.message.text);
    let text = this.message.text;
    if (!writing) {
      try {
        text = JSON.stringify(JSON.parse(text), null, 2);
      } catch {
        // Cut off: shown as far as it came.
      }
    }
    fill(this.json, text === '' ? null : codeBlock(text, 'json'));
  }

  private showFooter(): void {
    const m = this.message;
    const facts: string[] = [];
    if (ends[m.finish ?? '']) facts.push(ends[m.finish!]!);
    if (m.tokens !== undefined && m.seconds) {
      facts.push(`${count(m.tokens)} tokens`, `${rate(m.tokens / m.seconds)} tokens/s`, seconds(m.seconds));
    }
    if (m.cached) facts.push(`${count(m.cached)} of the prompt cached`);
    setText(this.facts, facts.join(' · '));
    const pick = this.alone ? null : h('button', {type: 'button', class: 'quiet', onclick: () => this.actions.pick(m)}, 'Continue with this');
    fill(this.footer, pick, this.alone ? switcher(m, this.siblings, this.actions) : null,
         iconButton('again', 'Answer again', () => this.actions.regenerate(m), {'data-action': 'regenerate'}), copyButton('Copy', () => m.text),
         this.alone ? this.facts : null);
  }
}
