// The form of chat/settings.ts: changes count at once and are kept.
import {askJson} from '../app/api';
import {fill, freshId, h, iconButton, setText} from '../app/dom';
import {defaults, numberFields, parseSchema, problemOf, type NumberField, type Settings} from './settings';

const example = `{
  "type": "object",
  "properties": {"answer": {"type": "string"}, "sure": {"type": "boolean"}},
  "required": ["answer", "sure"],
  "additionalProperties": false
}`;

export class SettingsPanel {
  readonly root = h('aside', {class: 'panel', id: 'settings', 'aria-label': 'Settings', hidden: true});
  private readonly system = h('textarea', {id: freshId(), rows: 3, placeholder: 'What the model is to be, and how it is to answer'});
  private check = 0;

  constructor(private readonly settings: Settings, private readonly onChange: () => void,
              private readonly onSystem: (text: string) => void, close: () => void) {
    this.system.addEventListener('input', () => this.onSystem(this.system.value));
    const form = h('div', {class: 'form'});
    const build = (): void => fill(form, this.answers(), h('div', {class: 'grid'}, ...numberFields.map((f) => this.number(f))), this.effort(),
                                   this.stops(), this.schema());
    const reset = h('button', {type: 'button', class: 'quiet', onclick: () => {
      Object.assign(this.settings, {...defaults, model: this.settings.model, schema: this.settings.schema});
      build();
      this.onChange();
    }}, 'Reset to the server’s own');
    build();
    fill(this.root, h('header', {}, h('h2', {}, 'Settings'), iconButton('close', 'Close the settings', close)),
         this.labelled('System prompt', this.system, 'Of this conversation'), form, reset);
  }

  showSystem(text: string): void {
    this.system.value = text;
  }

  private labelled(label: string, field: HTMLElement, help = ''): HTMLElement {
    const helpId = freshId();
    if (help) field.setAttribute('aria-describedby', helpId);
    return h('div', {class: 'field'}, h('label', {for: field.id}, label), field, help ? h('p', {class: 'help', id: helpId}, help) : null);
  }

  private answers(): HTMLElement {
    const field = h('input', {id: freshId(), type: 'number', min: 1, max: 64, inputmode: 'numeric', 'data-setting': 'answers'});
    field.value = String(this.settings.answers);
    field.addEventListener('input', () => {
      const value = Math.round(Number(field.value));
      const fits = value >= 1 && value <= 64;
      field.setAttribute('aria-invalid', String(!fits));
      if (!fits) return;
      this.settings.answers = value;
      this.onChange();
    });
    return this.labelled('Answers', field, 'Side by side; what they share is computed once.');
  }

  private number(f: NumberField): HTMLElement {
    const field = h('input', {id: freshId(), type: 'text', inputmode: 'decimal', autocomplete: 'off', placeholder: f.hint, 'data-setting': f.name});
    const help = h('p', {class: 'help', id: freshId()}, f.help);
    field.setAttribute('aria-describedby', help.id);
    field.value = this.settings[f.name];
    const judge = (): void => {
      const problem = problemOf(f, field.value);
      field.setAttribute('aria-invalid', String(problem !== ''));
      setText(help, problem || f.help);
      help.classList.toggle('problem', problem !== '');
    };
    field.addEventListener('input', () => {
      this.settings[f.name] = field.value.trim();
      judge();
      this.onChange();
    });
    judge();
    return h('div', {class: 'field'}, h('label', {for: field.id}, f.label), field, help);
  }

  private effort(): HTMLElement {
    const field = h('select', {id: freshId()}, ...[['', 'as the model likes'], ['none', 'none'], ['low', 'low'], ['medium', 'medium'], ['high', 'high']]
        .map(([value, text]) => h('option', {value}, text)));
    field.value = this.settings.effort;
    field.addEventListener('change', () => {
      this.settings.effort = field.value;
      this.onChange();
    });
    return this.labelled('Reasoning', field, 'For models that reason and let it be said.');
  }

  private stops(): HTMLElement {
    const field = h('textarea', {id: freshId(), rows: 2, spellcheck: 'false'});
    field.value = this.settings.stop;
    field.addEventListener('input', () => {
      this.settings.stop = field.value;
      this.onChange();
    });
    return this.labelled('Stop at', field, 'One text a line; the answer ends before it.');
  }

  private schema(): HTMLElement {
    const on = h('input', {type: 'checkbox', id: freshId(), 'data-setting': 'schemaOn'});
    on.checked = this.settings.schemaOn;
    const field = h('textarea', {id: freshId(), rows: 8, class: 'mono', spellcheck: 'false', placeholder: example, 'aria-label': 'JSON schema', 'data-setting': 'schema'});
    field.value = this.settings.schema;
    const state = h('p', {class: 'help', role: 'status'});
    const body = h('div', {class: 'schema'}, field, state);
    const judge = (): void => {
      body.hidden = !on.checked;
      window.clearTimeout(this.check);
      if (!on.checked) return;
      const parsed = parseSchema(field.value);
      const say = (text: string, wrong: boolean): void => {
        setText(state, text);
        state.classList.toggle('problem', wrong);
        field.setAttribute('aria-invalid', String(wrong));
      };
      if ('problem' in parsed) return say(parsed.problem, true);
      say('Checking…', false);
      // The server says whether it can hold an answer to this schema: it never loosens one silently.
      this.check = window.setTimeout(() => {
        const asked = field.value;
        askJson<{problem: string | null}>('/hasten/schema', {body: {model: this.settings.model || undefined, schema: parsed.schema}})
            .then(({problem}) => { if (field.value === asked) say(problem ?? 'Answers will be JSON of this schema.', problem !== null); },
                  (error: Error) => { if (field.value === asked) say(error.message, true); });
      }, 300);
    };
    const change = (): void => {
      this.settings.schemaOn = on.checked;
      this.settings.schema = field.value;
      judge();
      this.onChange();
    };
    on.addEventListener('change', () => {
      if (on.checked && field.value === '') field.value = example;
      change();
    });
    field.addEventListener('input', change);
    judge();
    return h('fieldset', {}, h('legend', {class: 'check'}, on, h('label', {for: on.id}, 'Answer as JSON of a schema')), body);
  }
}
