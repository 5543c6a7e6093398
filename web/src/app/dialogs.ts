// The few moments in which something has to be said or asked.
import {fill, freshId, h, type Child} from './dom';

// A dialog that the browser keeps the focus in; Escape closes it. Resolves to what `close` was given, or null.
export function openDialog<T>(title: string, build: (close: (value: T) => void) => Child[]): Promise<T | null> {
  return new Promise((resolve) => {
    const id = freshId();
    let result: T | null = null;
    const dialog = h('dialog', {'aria-labelledby': id, onclose: () => {
      dialog.remove();
      resolve(result);
    }});
    const close = (value: T): void => {
      result = value;
      dialog.close();
    };
    fill(dialog, h('h2', {id}, title), ...build(close));
    document.body.append(dialog);
    dialog.showModal();
  });
}

export async function confirmed(title: string, text: string, action: string): Promise<boolean> {
  return (await openDialog<boolean>(title, (close) => [
    h('p', {}, text),
    h('div', {class: 'row end'}, h('button', {type: 'button', class: 'quiet', onclick: () => close(false)}, 'Cancel'),
      h('button', {type: 'button', class: 'danger', onclick: () => close(true)}, action)),
  ])) === true;
}

export async function askForKey(current: string): Promise<{key: string; keep: boolean} | null> {
  return openDialog<{key: string; keep: boolean}>('API key', (close) => {
    const field = h('input', {type: 'password', autocomplete: 'off', spellcheck: 'false', required: true, id: freshId()});
    const keep = h('input', {type: 'checkbox', id: freshId()});
    field.value = current;
    return [h('form', {onsubmit: (event: Event) => {
      event.preventDefault();
      close({key: field.value.trim(), keep: keep.checked});
    }},
      h('p', {}, 'This server asks for one of the keys of its --api-key-file.'), h('label', {for: field.id}, 'Key'), field,
      h('div', {class: 'check'}, keep, h('label', {for: keep.id}, 'Keep it in this browser')),
      h('div', {class: 'row end'}, h('button', {type: 'submit'}, 'Use this key')))];
  });
}

const keys: [string, string][] = [
  ['Enter', 'send'], ['Shift Enter', 'a new line'], ['Esc', 'stop the answer; close what is open'], ['/', 'to the message field'],
  ['Alt N', 'a new conversation'], ['Alt E', 'edit the last message'], ['Alt R', 'answer again'], ['Alt S', 'settings'],
  ['[ and ]', 'the version before, the next'], ['1 … 9', 'continue with that answer, of several side by side'],
  ['Alt 1, 2, 3', 'chat, engine, runs'], ['?', 'this list'],
];

export function showKeys(): void {
  void openDialog('Keys', (close: (value: true) => void) => [
    h('dl', {class: 'keys'}, ...keys.flatMap(([key, what]) => [h('dt', {}, h('kbd', {}, key)), h('dd', {}, what)])),
    h('div', {class: 'row end'}, h('button', {type: 'button', onclick: () => close(true)}, 'Close')),
  ]);
}

// A sentence at the edge that goes by itself, and is read aloud.
const notes = h('div', {class: 'notes', role: 'status'});
export function note(text: string): void {
  if (!notes.isConnected) document.body.append(notes);
  const line = h('p', {}, text);
  notes.append(line);
  setTimeout(() => line.remove(), 6000);
}
