// A conversation is a tree: editing a message or asking again makes a sibling, and nothing is lost. `chosen` says which way
// leads on from each node; where it does not, the youngest child does.

export interface Message {
  id: string;
  parent: string | null;
  role: 'user' | 'assistant';
  text: string;
  thoughts: string;
  made: number;          // milliseconds since 1970; orders siblings together with their place in `messages`
  batch?: string;        // answers that were asked for together
  model?: string;
  json?: boolean;        // held to a schema
  finish?: string;       // "stop", "length"; "stopped" by the user; "error"
  error?: string;
  tokens?: number;       // of all answers of the batch
  cached?: number;       // of the prompt
  seconds?: number;
}

export interface Conversation {
  id: string;
  title: string;
  made: number;
  changed: number;
  system: string;
  messages: Message[];
  chosen: Record<string, string>;  // id of a message, or '' for the beginning, to the id of the child that goes on
}

export const newId = (): string => Math.random().toString(36).slice(2, 8) + Date.now().toString(36);

export function newConversation(system = ''): Conversation {
  const now = Date.now();
  return {id: newId(), title: '', made: now, changed: now, system, messages: [], chosen: {}};
}

export function childrenOf(c: Conversation, parent: string | null): Message[] {
  return c.messages.filter((m) => m.parent === parent);
}

export function chosenChild(c: Conversation, parent: string | null): Message | undefined {
  const children = childrenOf(c, parent);
  return children.find((m) => m.id === c.chosen[parent ?? '']) ?? children.at(-1);
}

// From the beginning to the last message of the chosen way.
export function pathOf(c: Conversation): Message[] {
  const path: Message[] = [];
  for (let at = chosenChild(c, null); at; at = chosenChild(c, at.id)) path.push(at);
  return path;
}

// From the beginning to `message`, whatever is chosen.
export function pathTo(c: Conversation, message: Message): Message[] {
  const path = [message];
  for (let at = path[0]; at && at.parent !== null;) {
    const parent = c.messages.find((m) => m.id === at?.parent);
    if (!parent) break;
    path.unshift(parent);
    at = parent;
  }
  return path;
}

export function siblingsOf(c: Conversation, message: Message): Message[] {
  return childrenOf(c, message.parent);
}

// The answers that stand side by side: those of one batch, while none of them has been continued.
export function sideBySide(c: Conversation, message: Message): Message[] {
  if (!message.batch || childrenOf(c, message.id).length > 0) return [message];
  const batch = siblingsOf(c, message).filter((m) => m.batch === message.batch);
  return batch.length > 1 ? batch : [message];
}

export function choose(c: Conversation, message: Message): void {
  c.chosen[message.parent ?? ''] = message.id;
}

export function addMessage(c: Conversation, parent: string | null, role: Message['role'], text: string): Message {
  const message: Message = {id: newId(), parent, role, text, thoughts: '', made: Date.now()};
  c.messages.push(message);
  choose(c, message);
  c.changed = message.made;
  if (role === 'user' && !c.title) c.title = titleOf(text);
  return message;
}

export function titleOf(text: string): string {
  const line = text.trim().split('\n')[0] ?? '';
  return line.length > 60 ? line.slice(0, 59).trimEnd() + '…' : line;
}

// What is sent to continue behind `path`.
export function requestMessages(c: Conversation, path: Message[]): {role: string; content: string}[] {
  const messages = path.filter((m) => m.role === 'user' || m.text !== '').map((m) => ({role: m.role as string, content: m.text}));
  if (c.system.trim()) messages.unshift({role: 'system', content: c.system});
  return messages;
}

// A conversation as it stood in storage or in a file, or null where that is none. What is unknown is dropped.
export function readConversation(value: unknown): Conversation | null {
  if (typeof value !== 'object' || value === null) return null;
  const v = value as Record<string, unknown>;
  if (typeof v.id !== 'string' || !Array.isArray(v.messages)) return null;
  const messages: Message[] = [];
  const known = new Set<string>();
  for (const entry of v.messages as Record<string, unknown>[]) {
    if (typeof entry !== 'object' || entry === null || typeof entry.id !== 'string' || known.has(entry.id)) continue;
    const parent = entry.parent;
    if (parent !== null && (typeof parent !== 'string' || !known.has(parent))) continue;  // so there are no circles
    if (entry.role !== 'user' && entry.role !== 'assistant') continue;
    known.add(entry.id);
    const text = (name: string): string | undefined => (typeof entry[name] === 'string' ? entry[name] : undefined);
    const number = (name: string): number | undefined => (typeof entry[name] === 'number' ? entry[name] : undefined);
    messages.push({
      id: entry.id, parent, role: entry.role, text: text('text') ?? '', thoughts: text('thoughts') ?? '',
      json: entry.json === true || undefined, made: number('made') ?? 0, batch: text('batch'), model: text('model'), finish: text('finish'), error: text('error'),
      tokens: number('tokens'), cached: number('cached'), seconds: number('seconds'),
    });
  }
  const chosen: Record<string, string> = {};
  if (typeof v.chosen === 'object' && v.chosen !== null) {
    for (const [from, to] of Object.entries(v.chosen)) if (typeof to === 'string') chosen[from] = to;
  }
  const made = typeof v.made === 'number' ? v.made : 0;
  return {
    id: v.id, title: typeof v.title === 'string' ? v.title : '', made,
    changed: typeof v.changed === 'number' ? v.changed : made,
    system: typeof v.system === 'string' ? v.system : '', messages, chosen,
  };
}
