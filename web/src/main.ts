// The shell: which view the address asks for, and the keys that work everywhere.
import './style/base.css';
import './style/shell.css';
import './style/chat.css';
import './style/text.css';
import './style/data.css';
import {key, onKeyNeeded} from './app/api';
import {askForKey, confirmed, note, showKeys} from './app/dialogs';
import {fill, h, iconButton} from './app/dom';
import {Sidebar, type View} from './app/sidebar';
import {Session} from './chat/session';
import {loadConversation, loadSettings} from './chat/store';
import {newConversation} from './chat/tree';
import {ChatView} from './chat/view';
import {EngineView} from './engine/view';
import {RunsView} from './runs/view';

const settings = loadSettings();
const sessions = new Map<string, Session>();  // those that are written while another is on the screen
let current = new Session(newConversation());

async function changeKey(): Promise<boolean> {
  const given = await askForKey(key.get());
  if (given) key.set(given.key, given.keep);
  return given !== null;
}
onKeyNeeded(changeKey);

// On a narrow screen the sidebar lies over the view.
const setMenu = (open: boolean): void => {
  document.body.classList.toggle('menu-open', open);
  if (open) sidebar.root.querySelector<HTMLElement>('a')?.focus();
};
const menuButton = (): HTMLElement => iconButton('menu', 'Views and conversations', () => setMenu(true), {class: 'icon-button menu', 'aria-controls': 'sidebar'});

const sidebar = new Sidebar((id) => void removeConversation(id), () => void changeKey());
const chat = new ChatView(settings, menuButton(), (session) => {
  if (session === current && view() === 'chat' && session.conversation.messages.length > 0) {
    history.replaceState(null, '', `#/c/${session.conversation.id}`);
    sidebar.show('chat', session.conversation.id);
  } else {
    sidebar.draw();
  }
});
const engine = new EngineView(menuButton());
const runs = new RunsView(menuButton());
const main = h('main', {id: 'main', tabindex: '-1'});

async function removeConversation(id: string): Promise<void> {
  const title = loadConversation(id)?.title || 'this conversation';
  if (!(await confirmed('Delete the conversation?', `“${title}” is kept in this browser alone. It cannot be brought back.`, 'Delete'))) return;
  const session = id === current.conversation.id ? current : sessions.get(id) ?? new Session(loadConversation(id) ?? newConversation());
  session.remove();
  sessions.delete(id);
  if (current.conversation.id === id) location.hash = '#/new';
  sidebar.draw();
}

function view(): View {
  if (location.hash.startsWith('#/engine')) return 'engine';
  return location.hash.startsWith('#/runs') ? 'runs' : 'chat';
}

// What is being written goes on unseen, and is found again by its name.
function turnTo(session: Session): void {
  for (const [id, other] of sessions) if (!other.busy) sessions.delete(id);
  if (current.busy) sessions.set(current.conversation.id, current);
  current = session;
}

function openConversation(id: string): void {
  if (id === current.conversation.id) return;
  const session = sessions.get(id);
  const stored = session ? null : loadConversation(id);
  if (session) {
    turnTo(session);
  } else if (stored) {
    turnTo(new Session(stored));
  } else {
    note('That conversation is not in this browser.');
    location.replace('#/new');
  }
}

function route(): void {
  const hash = location.hash;
  const now = view();
  engine.visible(now === 'engine');
  if (now === 'chat') {
    if (hash.startsWith('#/c/')) {
      openConversation(hash.slice(4));
    } else if (hash === '#/new' && current.conversation.messages.length > 0) {
      turnTo(new Session(newConversation()));
    }
    if (hash === '#/new' || hash === '') history.replaceState(null, '', '#/');
    if (hash === '#/' && current.conversation.messages.length > 0) history.replaceState(null, '', `#/c/${current.conversation.id}`);
    chat.show(current);
  }
  if (now === 'runs') void runs.show(/^#\/runs\/(\d+)$/.exec(hash)?.[1] ?? '');
  const shown = now === 'chat' ? chat : now === 'engine' ? engine : runs;
  if (main.firstChild !== shown.root) fill(main, shown.root);
  document.title = now === 'chat' ? `${current.conversation.title || 'New conversation'} · hasten` : `${now === 'engine' ? 'Engine' : 'Runs'} · hasten`;
  sidebar.show(now, now === 'chat' ? current.conversation.id : '');
  setMenu(false);
  if (now === 'chat') chat.focus();
}

function withAlt(event: KeyboardEvent): boolean {
  const byCode: Record<string, () => void> = {
    KeyN: () => { location.hash = '#/new'; }, KeyE: () => chat.press('edit'), KeyR: () => chat.press('again'), KeyS: () => chat.toggleSettings(),
    Digit1: () => { location.hash = '#/'; }, Digit2: () => { location.hash = '#/engine'; }, Digit3: () => { location.hash = '#/runs'; },
  };
  const action = byCode[event.code];
  if (!action || (view() !== 'chat' && /^Key[ERS]$/.test(event.code))) return false;
  action();
  return true;
}

function onKey(event: KeyboardEvent): void {
  if (document.querySelector('dialog[open]')) return;
  if (event.key === 'Escape') {
    if (document.body.classList.contains('menu-open')) setMenu(false);
    else if (view() === 'chat' && !chat.stop()) chat.closeSettings();
    return;
  }
  if (event.altKey && !event.ctrlKey && !event.metaKey) {
    if (withAlt(event)) event.preventDefault();
    return;
  }
  const target = event.target as HTMLElement;
  if (event.ctrlKey || event.metaKey || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) return;
  if (event.key === '?') return showKeys();
  if (view() !== 'chat') return;
  const plain: Record<string, () => void> = {'/': () => chat.writeMessage(), '[': () => chat.press('before'), ']': () => chat.press('next')};
  const action = /^[1-9]$/.test(event.key) ? (): void => chat.press(Number(event.key)) : plain[event.key];
  if (!action) return;
  event.preventDefault();
  action();
}

fill(document.body, h('a', {class: 'skip', href: '#main', onclick: (event: Event) => {
       event.preventDefault();
       main.focus();
     }}, 'To the content'),
     sidebar.root, h('button', {type: 'button', class: 'shade', 'aria-label': 'Close the menu', onclick: () => setMenu(false)}), main);
window.addEventListener('hashchange', route);
window.addEventListener('keydown', onKey);
window.addEventListener('storage', () => sidebar.draw());
window.addEventListener('pagehide', () => {
  for (const session of [current, ...sessions.values()]) session.save();
});
route();
void chat.loadModels();
