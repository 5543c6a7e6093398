// What `hasten solve` has done: the list of the run log, and each run's report.
import {ask, askJson} from '../app/api';
import {fill, h, icon, setText} from '../app/dom';
import {count, seconds, when} from '../app/numbers';
import {saveFile} from '../app/save';

interface Run {
  id: number;
  started: number;
  kind: string;
  task: string;
  status: string;
  seconds: number;
  trials: number;
  tokens: number;
  dollars: number;
  version: string;
}

const fileName = (path: string): string => path.slice(path.lastIndexOf('/') + 1) || path;

export class RunsView {
  readonly root: HTMLElement;
  private readonly page = h('div', {class: 'page'});
  private readonly title = h('h1', {tabindex: '-1'}, 'Runs');
  private readonly actions = h('span', {class: 'row'});
  private asked = 0;

  constructor(menu: HTMLElement) {
    this.root = h('section', {class: 'view data', 'aria-label': 'Runs'},
                  h('header', {class: 'bar'}, menu, this.title, h('span', {class: 'space'}), this.actions), h('div', {class: 'scroll'}, this.page));
  }

  async show(id: string): Promise<void> {
    const mine = ++this.asked;
    fill(this.actions);
    try {
      const drawn = id ? await this.report(id) : await this.list();
      if (mine !== this.asked) return;
      fill(this.actions, ...drawn.actions);
      fill(this.page, ...drawn.body);
      setText(this.title, drawn.title);
      if (id) this.title.focus();
    } catch (error) {
      if (mine === this.asked) fill(this.page, h('p', {class: 'problem', role: 'alert'}, (error as Error).message));
    }
  }

  private async list(): Promise<{title: string; actions: Node[]; body: Node[]}> {
    const {runs, total} = await askJson<{runs: Run[]; total: number}>('/hasten/runs');
    if (runs.length === 0) {
      return {title: 'Runs', actions: [], body: [h('div', {class: 'empty'}, h('h2', {}, 'No runs yet'), h('p', {}, 'What ', h('code', {}, 'hasten solve'), ' does is written down, and shown here.'))]};
    }
    const rows = h('tbody');
    const search = h('input', {type: 'search', placeholder: 'Search', 'aria-label': 'Search runs'});
    const draw = (): void => {
      const wanted = search.value.trim().toLowerCase();
      fill(rows, ...runs.filter((r) => `${r.id} ${r.task} ${r.kind} ${r.status}`.toLowerCase().includes(wanted)).map((r) =>
          h('tr', {}, h('th', {scope: 'row'}, h('a', {href: `#/runs/${r.id}`}, fileName(r.task)), h('span', {class: 'soft'}, ` #${r.id} · ${r.kind}`)),
            h('td', {}, h('span', {class: `state ${r.status}`}, r.status)), h('td', {}, count(r.trials)), h('td', {}, seconds(r.seconds)),
            h('td', {}, r.dollars > 0 ? `$${r.dollars.toFixed(3)}` : ''), h('td', {class: 'soft'}, when(1000 * r.started)))));
    };
    search.addEventListener('input', draw);
    draw();
    const table = h('div', {class: 'card'}, h('div', {class: 'table', tabindex: '0', role: 'region', 'aria-label': 'Runs'}, h('table', {class: 'runs'},
        h('thead', {}, h('tr', {}, ...['Task', 'Status', 'Candidates', 'Time', 'Cost', 'When'].map((t) => h('th', {scope: 'col'}, t)))), rows)));
    const more = total > runs.length ? h('p', {class: 'soft'}, `The newest ${count(runs.length)} of ${count(total)}.`) : null;
    return {title: 'Runs', actions: [search], body: more ? [table, more] : [table]};
  }

  // The page that `hasten report` writes, in a tree of its own: neither its styles nor ours reach into the other, but for the
  // names of colours, which are the same.
  private async report(id: string): Promise<{title: string; actions: Node[]; body: Node[]}> {
    const html = await (await ask(`/hasten/runs/${id}`)).text();
    // The policy of this page lets no style in that comes as an element, not even in a document that is only read.
    const [before = '', styles = '', behind = ''] = html.split(/<\/?style>/);
    const parsed = new DOMParser().parseFromString(before + behind, 'text/html');
    const host = h('div', {class: 'report'});
    const root = host.attachShadow({mode: 'open'});
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(styles.replaceAll(':root', ':not(*)') +
        ':host { --paper: var(--raised); --mark: var(--accent); } main { padding: 0; max-width: none; } section:first-of-type { margin-top: .5rem; }');
    root.adoptedStyleSheets = [sheet];
    const content = parsed.querySelector('main');
    if (content) root.append(document.adoptNode(content));
    const heading = root.querySelector('h1');
    const title = heading?.textContent ?? `Run ${id}`;
    heading?.remove();
    const back = h('a', {class: 'button quiet', href: '#/runs'}, icon('left'), 'All runs');
    const save = h('button', {type: 'button', class: 'quiet', onclick: () => saveFile(`run-${id}.html`, html, 'text/html')}, icon('download'), 'Save');
    return {title, actions: [back, save], body: [host]};
  }
}
