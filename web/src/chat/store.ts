// What this browser keeps: conversations, one an entry, and the settings. Nothing of it is ever sent but as a request's text.
import {readSettings, type Settings} from './settings';
import {newId, readConversation, type Conversation} from './tree';

const kChat = 'hasten.chat.', kSettings = 'hasten.settings';

function parse(text: string | null): unknown {
  try {
    return text === null ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

export function loadConversation(id: string): Conversation | null {
  return readConversation(parse(localStorage.getItem(kChat + id)));
}

export interface Listed {
  id: string;
  title: string;
  changed: number;
}

// Newest first.
export function listConversations(): Listed[] {
  const list: Listed[] = [];
  for (let i = 0; i < localStorage.length; ++i) {
    const name = localStorage.key(i) ?? '';
    if (!name.startsWith(kChat)) continue;
    const c = loadConversation(name.slice(kChat.length));
    if (c) list.push({id: c.id, title: c.title || 'Untitled', changed: c.changed});
  }
  return list.sort((a, b) => b.changed - a.changed);
}

// False: the browser's storage is full.
export function saveConversation(c: Conversation): boolean {
  try {
    localStorage.setItem(kChat + c.id, JSON.stringify(c));
    return true;
  } catch {
    return false;
  }
}

export const deleteConversation = (id: string): void => localStorage.removeItem(kChat + id);

export function deleteAll(): void {
  for (const {id} of listConversations()) deleteConversation(id);
}

export function exportAll(): string {
  return JSON.stringify({hasten: 1, conversations: listConversations().map(({id}) => loadConversation(id))}, null, 1);
}

// How many conversations were taken from a file that exportAll wrote, or one conversation. Those that are here already get
// another name, so nothing is overwritten.
export function importAll(text: string): number {
  const value = parse(text) as {conversations?: unknown[]} | null;
  let taken = 0;
  for (const entry of Array.isArray(value?.conversations) ? value.conversations : [value]) {
    const c = readConversation(entry);
    if (!c) continue;
    if (localStorage.getItem(kChat + c.id) !== null) c.id = newId();
    if (saveConversation(c)) ++taken;
  }
  return taken;
}

export function asMarkdown(c: Conversation, path: {role: string; text: string}[]): string {
  const parts = [`# ${c.title || 'Conversation'}`];
  if (c.system.trim()) parts.push(`**System**\n\n${c.system}`);
  for (const m of path) parts.push(`**${m.role === 'user' ? 'You' : 'Model'}**\n\n${m.text}`);
  return parts.join('\n\n') + '\n';
}

export const loadSettings = (): Settings => readSettings(parse(localStorage.getItem(kSettings)));

export function saveSettings(settings: Settings): void {
  try {
    localStorage.setItem(kSettings, JSON.stringify(settings));
  } catch {
    // Full: settings then last as long as the page.
  }
}
