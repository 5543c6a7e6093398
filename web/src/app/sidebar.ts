// The views, and the conversations that this browser keeps.
import {deleteAll, exportAll, importAll, listConversations} from '../chat/store';
import {confirmed, note, showKeys} from './dialogs';
import {fill, h, icon, iconButton, type IconName} from './dom';
import {when} from './numbers';
import {saveFile} from './save';

export type View = 'chat' | 'engine' | 'runs';

const views: [View, string, IconName, string][] = [
  ['chat', 'Chat', 'chat', '#/'], ['engine', 'Engine', 'pulse', '#/engine'], ['runs', 'Runs', 'list', '#/runs'],
];

export class Sidebar {
  readonly root = h('nav', {class: 'sidebar', id: 'sidebar', 'aria-label': 'Views and conversations'});
  private readonly tabs = new Map<View, HTMLElement>();
  private readonly list = h('ul', {class: 'conversations'});
  private readonly search = h('input', {type: 'search', placeholder: 'Search', 'aria-label': 'Search conversations'});
  private current = '';

  constructor(private readonly remove: (id: string) => void, changeKey: () => void) {
    for (const [view, label, symbol, href] of views) this.tabs.set(view, h('a', {href}, icon(symbol), label));
    this.search.addEventListener('input', () => this.draw());
    const file = h('input', {type: 'file', accept: '.json,application/json', hidden: true, 'aria-label': 'File to import'});
    file.addEventListener('change', () => void this.import(file));
    fill(this.root,
         h('div', {class: 'brand'}, h('img', {src: '/page/icon.svg', alt: '', width: 24, height: 24}), h('span', {}, 'hasten')),
         h('div', {class: 'tabs'}, ...this.tabs.values()),
         h('a', {class: 'new', href: '#/new'}, icon('plus'), 'New conversation'), this.search, this.list,
         h('div', {class: 'tools'},
           iconButton('download', 'Export all conversations', () => this.export()),
           iconButton('upload', 'Import conversations', () => file.click()),
           iconButton('trash', 'Delete all conversations', () => void this.clear()),
           h('span', {class: 'space'}),
           iconButton('key', 'API key', changeKey), iconButton('keyboard', 'Keys', showKeys), file));
  }

  // `id`: the conversation on the screen, or ''.
  show(view: View, id: string): void {
    for (const [name, tab] of this.tabs) {
      if (name === view) tab.setAttribute('aria-current', 'page');
      else tab.removeAttribute('aria-current');
    }
    this.current = id;
    this.draw();
  }

  draw(): void {
    const wanted = this.search.value.trim().toLowerCase();
    const all = listConversations();
    this.search.hidden = all.length < 6 && wanted === '';
    fill(this.list, ...all.filter((c) => c.title.toLowerCase().includes(wanted)).map((c) =>
        h('li', {}, h('a', {href: `#/c/${c.id}`, title: c.title, 'aria-current': c.id === this.current ? 'true' : null},
                      h('span', {class: 'title'}, c.title), h('span', {class: 'when'}, when(c.changed))),
          iconButton('trash', `Delete ${c.title}`, () => this.remove(c.id)))));
  }

  private export(): void {
    saveFile(`hasten-conversations-${new Date().toISOString().slice(0, 10)}.json`, exportAll(), 'application/json');
  }

  private async import(file: HTMLInputElement): Promise<void> {
    const text = await file.files?.[0]?.text();
    file.value = '';
    if (text === undefined) return;
    const taken = importAll(text);
    note(taken > 0 ? `${taken} ${taken === 1 ? 'conversation' : 'conversations'} imported.` : 'There is no conversation in that file.');
    this.draw();
  }

  private async clear(): Promise<void> {
    const all = listConversations();
    if (all.length === 0) return note('There is nothing to delete.');
    if (!(await confirmed('Delete all conversations?', `${all.length} conversations are kept in this browser alone. They cannot be brought back.`, 'Delete all'))) return;
    deleteAll();
    location.hash = '#/new';
    this.draw();
  }
}
