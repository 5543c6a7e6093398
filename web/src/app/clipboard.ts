// Copying, also where the page is not on localhost and browsers keep `navigator.clipboard` from it.
import {h, iconButton} from './dom';

async function copy(text: string): Promise<boolean> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text).then(() => true, () => false);
  const field = h('textarea', {readonly: true, class: 'skip', 'aria-hidden': 'true'});
  field.value = text;
  const focused = document.activeElement as HTMLElement | null;
  document.body.append(field);
  field.select();
  const done = document.execCommand('copy');
  field.remove();
  focused?.focus();
  return done;
}

export function copyButton(label: string, text: () => string): HTMLButtonElement {
  const button = iconButton('copy', label, () => void copy(text()).then((done) => {
    if (!done) return;
    button.classList.add('done');
    setTimeout(() => button.classList.remove('done'), 1200);
  }));
  return button;
}
