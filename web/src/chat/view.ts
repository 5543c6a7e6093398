// The conversation on the screen, with everything that can be done to it.
import {models, type ModelEntry} from '../app/api';
import {fill, h, iconButton} from '../app/dom';
import {note} from '../app/dialogs';
import {bytes} from '../app/numbers';
import {saveFile} from '../app/save';
import {Composer} from './composer';
import {AnswerView, userMessage, type Actions} from './message';
import {Session} from './session';
import type {Settings} from './settings';
import {SettingsPanel} from './settings_panel';
import {asMarkdown, saveSettings} from './store';
import {pathOf, sideBySide, siblingsOf, type Message} from './tree';

export class ChatView {
  readonly root: HTMLElement;
  private readonly thread = h('div', {class: 'thread', role: 'log', 'aria-label': 'Conversation', 'aria-live': 'polite'});
  private readonly scroller = h('div', {class: 'scroll'}, this.thread);
  private readonly composer: Composer;
  private readonly panel: SettingsPanel;
  private readonly picker = h('select', {'aria-label': 'Model', class: 'model'});
  private readonly settingsButton: HTMLButtonElement;
  private readonly saveButton = iconButton('download', 'Save this conversation as Markdown', () => this.saveMarkdown());
  private session!: Session;
  private answers: AnswerView[] = [];
  private frame = 0;
  private known: ModelEntry[] = [];

  // `onSent`: a conversation has got its first message, or changed.
  constructor(private readonly settings: Settings, menu: HTMLElement, private readonly onSent: (session: Session) => void) {
    this.composer = new Composer((text) => this.send(text), () => this.session.stop());
    this.panel = new SettingsPanel(settings, () => this.changed(), (text) => {
      this.session.conversation.system = text;
      this.session.save();
    }, () => this.toggleSettings(false));
    this.settingsButton = iconButton('sliders', 'Settings', () => this.toggleSettings(),
                                     {'aria-controls': 'settings', 'aria-expanded': 'false'});
    this.picker.addEventListener('change', () => {
      settings.model = this.picker.value;
      this.changed();
    });
    this.root = h('section', {class: 'view chat', 'aria-label': 'Chat'},
                  h('div', {class: 'column'}, h('header', {class: 'bar'}, menu, this.picker, h('span', {class: 'space'}), this.saveButton, this.settingsButton),
                    this.scroller, this.composer.root),
                  this.panel.root);
  }

  show(session: Session): void {
    if (this.session) this.session.onChange = () => {};
    this.session = session;
    session.onChange = (what) => this.heard(what);
    this.panel.showSystem(session.conversation.system);
    this.draw();
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.hint();
  }

  focus(): void {
    if (window.matchMedia('(pointer: fine)').matches) this.composer.focus();
  }

  async loadModels(): Promise<void> {
    try {
      this.known = await models();
    } catch (error) {
      return this.composer.setHint((error as Error).message, true);
    }
    if (!this.known.some((m) => m.id === this.settings.model)) this.settings.model = this.known[0]?.id ?? '';
    fill(this.picker, ...this.known.map((m) => h('option', {value: m.id}, `${m.id} (${bytes(m.meta.size_bytes)})`)));
    this.picker.value = this.settings.model;
    this.hint();
  }

  // ---------------------------------------------------------------------------------------------- keys

  stop(): boolean {
    if (!this.session.busy) return false;
    this.session.stop();
    return true;
  }

  closeSettings(): boolean {
    if (this.panel.root.hidden) return false;
    this.toggleSettings(false);
    return true;
  }

  toggleSettings(open = this.panel.root.hidden): void {
    this.panel.root.hidden = !open;
    this.settingsButton.setAttribute('aria-expanded', String(open));
    if (open) this.panel.root.querySelector<HTMLElement>('textarea')?.focus();
    else this.settingsButton.focus();
  }

  writeMessage(): void {
    this.composer.focus();
  }

  // What a key without a field under it does.
  press(action: 'edit' | 'again' | 'before' | 'next' | number): void {
    const path = pathOf(this.session.conversation);
    const last = path.at(-1);
    if (typeof action === 'number') {
      const batch = last ? sideBySide(this.session.conversation, last) : [];
      if (batch.length > 1 && batch[action - 1]) this.pick(batch[action - 1]!);
    } else if (action === 'edit') {
      const edits = this.thread.querySelectorAll<HTMLElement>('.user [data-action=edit]');
      edits[edits.length - 1]?.click();
    } else if (last) {
      if (action === 'again') return this.say(this.session.regenerate(last, this.settings));
      const step = action === 'before' ? -1 : 1;
      const branching = path.filter((m) => siblingsOf(this.session.conversation, m).length > 1).at(-1);
      if (branching) this.go(branching, step);
    }
  }

  // ---------------------------------------------------------------------------------------------- what happens

  private send(text: string): string {
    const problem = this.session.send(pathOf(this.session.conversation).at(-1)?.id ?? null, text, this.settings);
    if (!problem) this.begun();
    return problem;
  }

  private begun(): void {
    this.onSent(this.session);
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.hint();
  }

  private say(problem: string): void {
    if (problem) this.composer.setHint(problem, true);
    else this.begun();
  }

  private readonly actions: Actions = {
    edit: (message, text) => this.say(this.session.send(message.parent, text, this.settings)),
    regenerate: (message) => this.say(this.session.regenerate(message, this.settings)),
    pick: (message) => this.pick(message),
    go: (message, step) => this.go(message, step),
  };

  // One of several side by side goes on; the others are versions of it from then on.
  private pick(message: Message): void {
    for (const other of sideBySide(this.session.conversation, message)) delete other.batch;
    this.session.pick(message);
    this.focus();
  }

  private go(message: Message, step: number): void {
    const siblings = siblingsOf(this.session.conversation, message);
    const to = siblings[siblings.indexOf(message) + step];
    if (to) this.session.pick(to);
  }

  private changed(): void {
    saveSettings(this.settings);
    this.hint();
  }

  private saveMarkdown(): void {
    const c = this.session.conversation;
    saveFile(`${c.title.replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '') || 'conversation'}.md`, asMarkdown(c, pathOf(c)), 'text/markdown');
  }

  private hint(): void {
    const s = this.settings;
    const said: string[] = [];
    if (s.answers > 1) said.push(`${s.answers} answers`);
    if (s.schemaOn) said.push('JSON of a schema');
    if (this.session?.conversation.system.trim()) said.push('with a system prompt');
    this.composer.setHint(said.join(' · '));
  }

  private heard(what: 'tree' | 'text' | 'end' | 'full'): void {
    if (what === 'full') return note('This browser keeps no more: export conversations, and delete some.');
    if (what === 'tree') this.draw();
    if (what === 'text') this.frame ||= requestAnimationFrame(() => this.drawText());
    if (what === 'end') {
      this.drawText();
      this.composer.setBusy(false);
      this.onSent(this.session);
    }
  }

  // ---------------------------------------------------------------------------------------------- drawing

  private draw(): void {
    const c = this.session.conversation;
    const rows: HTMLElement[] = [];
    this.answers = [];
    for (const message of pathOf(c)) {
      const siblings = siblingsOf(c, message);
      if (message.role === 'user') {
        rows.push(userMessage(message, siblings, this.actions));
        continue;
      }
      const batch = sideBySide(c, message);
      const views = batch.map((m) => new AnswerView(m, batch.length > 1 ? batch : siblings, this.actions, batch.length === 1));
      this.answers.push(...views);
      if (batch.length === 1) rows.push(views[0]!.root);
      else rows.push(h('div', {class: 'beside', role: 'group', 'aria-label': `${batch.length} answers side by side`}, ...views.map((v) => v.root)), views[0]!.facts);
    }
    if (rows.length === 0) {
      rows.push(h('div', {class: 'empty'}, h('h1', {}, 'What would you like to know?'),
                  h('p', {}, 'Everything stays on this machine. Press ', h('kbd', {}, '?'), ' for the keys.')));
    }
    this.saveButton.hidden = c.messages.length === 0;
    fill(this.thread, ...rows);
    for (const view of this.answers) view.show(this.session.isWriting(view.message));
    this.composer.setBusy(this.session.busy);
  }

  private drawText(): void {
    this.frame = 0;
    const near = this.scroller.scrollHeight - this.scroller.scrollTop - this.scroller.clientHeight < 80;
    for (const view of this.answers) view.show(this.session.isWriting(view.message));
    if (near) this.scroller.scrollTop = this.scroller.scrollHeight;
  }
}
