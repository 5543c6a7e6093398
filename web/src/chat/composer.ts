// Where messages are written: grows with its text, Enter sends, Escape stops.
import {fill, h, icon} from '../app/dom';

export class Composer {
  readonly field = h('textarea', {'aria-label': 'Message', placeholder: 'Write a message', rows: 1, enterkeyhint: 'send', id: 'message'});
  private readonly button = h('button', {type: 'submit', class: 'send', 'aria-label': 'Send', title: 'Send'});
  private readonly hint = h('p', {class: 'hint'});
  readonly root: HTMLFormElement;
  private busy = false;

  // `send` returns what is wrong, or ''.
  constructor(private readonly send: (text: string) => string, private readonly stop: () => void) {
    this.root = h('form', {class: 'composer', onsubmit: (event: Event) => {
      event.preventDefault();
      this.submit();
    }}, h('div', {class: 'box'}, this.field, this.button), this.hint);
    this.field.addEventListener('input', () => this.fit());
    this.field.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      if (!this.busy) this.submit();
    });
    this.setBusy(false);
  }

  setBusy(busy: boolean): void {
    this.busy = busy;
    fill(this.button, icon(busy ? 'stop' : 'send'));
    this.button.setAttribute('aria-label', busy ? 'Stop' : 'Send');
    this.button.title = busy ? 'Stop (Esc)' : 'Send (Enter)';
    this.button.classList.toggle('stop', busy);
  }

  setHint(text: string, problem = false): void {
    this.hint.textContent = text;
    this.hint.classList.toggle('problem', problem);
    this.hint.setAttribute('role', problem ? 'alert' : 'note');
  }

  focus(): void {
    this.field.focus();
  }

  private submit(): void {
    if (this.busy) return this.stop();
    const text = this.field.value;
    if (text.trim() === '') return;
    const problem = this.send(text);
    if (problem) return this.setHint(problem, true);
    this.field.value = '';
    this.fit();
  }

  private fit(): void {
    this.field.style.height = 'auto';
    this.field.style.height = `${Math.min(this.field.scrollHeight, window.innerHeight * 0.4)}px`;
  }
}
