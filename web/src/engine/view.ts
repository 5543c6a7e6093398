// The engine at work. It is asked each second while this view is seen, and not at all otherwise: an idle server stays idle.
import {ApiError, askJson} from '../app/api';
import {fill, h, setText, svg} from '../app/dom';
import {bytes, count, percent, rate, seconds} from '../app/numbers';
import {History, linePath, ratesBetween, type Job, type Live, type LoadedModel} from './rates';

const kEvery_ms = 1000, kHistory = 120, kWidth = 600, kHeight = 120;

interface Tile {
  root: HTMLElement;
  value: HTMLElement;
  more: HTMLElement;
  bar: HTMLElement | null;
}

function tile(name: string, withBar = false): Tile {
  const value = h('b', {}), more = h('span', {class: 'soft'});
  const bar = withBar ? h('i', {}) : null;
  return {root: h('div', {class: 'tile'}, h('h3', {}, name), value, more, bar ? h('div', {class: 'meter', 'aria-hidden': 'true'}, bar) : null), value, more, bar};
}

function setTile(t: Tile, value: string, more = '', share = 0): void {
  setText(t.value, value);
  setText(t.more, more);
  if (t.bar) t.bar.style.width = `${Math.round(1000 * Math.min(1, Math.max(0, share))) / 10}%`;
}

// One loaded model: its numbers, its line, its requests.
class ModelSection {
  readonly root: HTMLElement;
  private readonly speed = h('b', {class: 'speed', 'data-live': 'speed'}, '0');
  private readonly limit = h('span', {class: 'soft'});
  private readonly gauge = h('i');
  private readonly line = svg('path', {class: 'line'});
  private readonly area = svg('path', {class: 'area'});
  private readonly mark = svg('path', {class: 'mark'});
  private readonly scale = h('span', {class: 'scale'});
  private readonly tiles = {
    requests: tile('Requests'), read: tile('Prompts read'), kv: tile('KV blocks in use', true), cache: tile('Prompts from cache', true),
    steps: tile('Forward passes'), done: tile('Answered'),
  };
  private readonly jobs = h('tbody');
  private readonly none = h('p', {class: 'soft'}, 'Nobody is asking.');
  private readonly table: HTMLElement;
  private readonly history = new History(kHistory);
  private before: {now_s: number; model: LoadedModel} | null = null;

  constructor(readonly id: string) {
    this.table = h('div', {class: 'table', tabindex: '0', role: 'region', 'aria-label': 'Requests'},
                   h('table', {}, h('thead', {}, h('tr', {}, ...['Request', 'State', 'Prompt', 'Written', 'Branches', 'Since'].map((t) => h('th', {scope: 'col'}, t)))), this.jobs));
    const chart = svg('svg', {class: 'chart', viewBox: `0 0 ${kWidth} ${kHeight}`, preserveAspectRatio: 'none', role: 'img', 'aria-label': 'Tokens a second over the last two minutes'},
                      this.area, this.line, this.mark);
    this.root = h('section', {class: 'card', 'aria-label': id, 'data-model': id},
                  h('header', {}, h('h2', {}, id)),
                  h('div', {class: 'speeds'}, h('div', {}, this.speed, h('span', {}, ' tokens/s')), this.limit),
                  h('div', {class: 'meter large', 'aria-hidden': 'true'}, this.gauge),
                  h('div', {class: 'chart-box'}, chart, this.scale),
                  h('div', {class: 'tiles'}, ...Object.values(this.tiles).map((t) => t.root)), h('h3', {}, 'Requests at work'), this.none, this.table);
  }

  show(model: LoadedModel, now_s: number): void {
    const rates = this.before ? ratesBetween(this.before, {now_s, model}) : {written: 0, read: 0, steps: 0, busy: 0};
    this.before = {now_s, model};
    this.history.push(rates.written);
    const limit = model.limit_tokens_per_s;
    const branches = model.jobs.reduce((sum, j) => sum + (j.phase === 'writing' ? j.branches.filter((b) => !b.done).length : 0), 0);
    setText(this.speed, rate(rates.written));
    const share = limit ? rates.written / limit : 0;
    setText(this.limit, limit === null ? 'measuring this machine…'
        : `${percent(share)} of the ${count(limit)} that this machine could write at most, ${branches > 1 ? `${branches} texts at once` : 'one text at a time'}`);
    this.gauge.style.width = `${Math.min(100, 100 * share)}%`;
    this.chart(limit ?? 0);
    const {tiles} = this, t = model.totals, used = model.kv.blocks - model.kv.available;
    setTile(tiles.requests, `${model.running} running`, `${model.waiting} waiting; ${model.parallel} texts at once`);
    setTile(tiles.read, `${rate(rates.read)} tokens/s`, `${count(t.prompt_tokens)} in all`);
    setTile(tiles.kv, `${count(used)} of ${count(model.kv.blocks)}`, `${model.kv.block_tokens} tokens each`, used / Math.max(1, model.kv.blocks));
    const hit = t.prompt_tokens ? t.cached_tokens / t.prompt_tokens : 0;
    setTile(tiles.cache, percent(hit), `${count(t.cached_tokens)} tokens not read again`, hit);
    setTile(tiles.steps, `${rate(rates.steps)} a second`, `${percent(rates.busy)} of the time`);
    setTile(tiles.done, count(t.jobs), `${count(t.generated_tokens)} tokens` + (t.cancelled ? `, ${count(t.cancelled)} left early` : '') + (t.failed ? `, ${count(t.failed)} failed` : ''));
    this.none.hidden = model.jobs.length > 0;
    this.table.hidden = model.jobs.length === 0;
    fill(this.jobs, ...model.jobs.map((job) => this.job(job)));
  }

  private chart(limit: number): void {
    const {values} = this.history;
    const most = Math.max(1, ...values);
    // The limit is drawn where it does not press what happens to the floor.
    const top = limit > 0 && limit < 8 * most ? 1.08 * Math.max(limit, most) : 1.25 * most;
    const path = linePath(values, kHistory, kWidth, kHeight, top);
    this.line.setAttribute('d', path);
    const first = /^M([\d.]+)/.exec(path)?.[1] ?? kWidth;
    this.area.setAttribute('d', `${path}L${kWidth} ${kHeight}L${first} ${kHeight}Z`);
    const y = kHeight * (1 - limit / top);
    this.mark.setAttribute('d', limit > 0 && limit < top ? `M0 ${y.toFixed(1)}H${kWidth}` : '');
    setText(this.scale, `the last two minutes, up to ${count(top)} tokens/s`);
  }

  private job(job: Job): HTMLElement {
    const states = {waiting: 'waits', reading: 'reads', writing: 'writes'};
    const longest = Math.max(1, ...job.branches.map((b) => b.written));
    const bars = job.branches.map((b, i) => {
      const bar = h('i', {class: b.done ? 'done' : null, title: `branch ${i + 1}: ${b.written} tokens${b.done ? ', done' : ''}`});
      bar.style.height = `${20 + 80 * b.written / longest}%`;
      return bar;
    });
    return h('tr', {'data-job': job.id}, h('th', {scope: 'row'}, `#${job.id}`), h('td', {}, h('span', {class: `state ${job.phase}`}, states[job.phase])),
             h('td', {}, job.phase === 'writing' ? count(job.prompt) : `${count(job.read)} of ${count(job.prompt)}`, job.cached ? h('span', {class: 'soft'}, ` ${count(job.cached)} cached`) : null),
             h('td', {'data-live': 'written'}, count(job.written)), h('td', {}, h('span', {class: 'branches', role: 'img', 'aria-label': `${job.branches.length} branches`}, ...bars.slice(0, 64)), job.branches.length > 1 ? ` ${job.branches.length}` : ''),
             h('td', {}, seconds(job.seconds)));
  }
}

export class EngineView {
  readonly root: HTMLElement;
  private readonly sections = new Map<string, ModelSection>();
  private readonly body = h('div', {class: 'cards'});
  private readonly machine = h('p', {class: 'soft'});
  private readonly problem = h('p', {class: 'problem', role: 'status'});
  private timer = 0;
  private shown = false;
  private measuring = false;
  private refused = false;  // the key was asked for once, and not given

  constructor(menu: HTMLElement) {
    this.root = h('section', {class: 'view data', 'aria-label': 'Engine'},
                  h('header', {class: 'bar'}, menu, h('h1', {}, 'Engine'), h('span', {class: 'space'})),
                  h('div', {class: 'scroll'}, h('div', {class: 'page'}, this.machine, this.problem, this.body)));
    document.addEventListener('visibilitychange', () => this.update());
  }

  visible(shown: boolean): void {
    this.shown = shown;
    this.refused = false;
    this.update();
  }

  private update(): void {
    window.clearTimeout(this.timer);
    if (this.shown && document.visibilityState === 'visible') void this.look();
  }

  private async look(): Promise<void> {
    window.clearTimeout(this.timer);
    try {
      this.show(await askJson<Live>('/hasten/live', {quiet: this.refused}));
      this.refused = false;
      setText(this.problem, '');
    } catch (error) {
      this.refused = error instanceof ApiError && error.status === 401;
      setText(this.problem, (error as Error).message);
    }
    window.clearTimeout(this.timer);
    if (this.shown && document.visibilityState === 'visible') this.timer = window.setTimeout(() => void this.look(), kEvery_ms);
  }

  private show(live: Live): void {
    const roots: HTMLElement[] = [];
    let unmeasured = false;
    for (const model of live.models) {
      if (!model.loaded) {
        this.sections.delete(model.id);
        roots.push(h('section', {class: 'card asleep', 'aria-label': model.id}, h('h2', {}, model.id), h('p', {class: 'soft'}, 'Not loaded; the first request loads it.')));
        continue;
      }
      const section = this.sections.get(model.id) ?? new ModelSection(model.id);
      this.sections.set(model.id, section);
      section.show(model, live.now_s);
      unmeasured ||= model.limit_tokens_per_s === null;
      roots.push(section.root);
    }
    if (roots.length !== this.body.childNodes.length || roots.some((root, i) => root !== this.body.childNodes[i] && !root.classList.contains('asleep'))) fill(this.body, ...roots);
    const m = live.machine;
    setText(this.machine, m ? `hasten ${live.version} on ${m.threads} ${m.threads === 1 ? 'thread' : 'threads'}: reads ${bytes(m.memory_bytes_per_s)}/s from memory and ${bytes(m.cache_bytes_per_s)}/s from cache, ${count(m.int8_multiply_adds_per_s / 1e9)} billion int8 multiply-adds a second.` : `hasten ${live.version}`);
    if (unmeasured) void this.measure();
  }

  // Once, when somebody looks: it takes the processors for half a second.
  private async measure(): Promise<void> {
    if (this.measuring) return;
    this.measuring = true;
    await askJson('/hasten/measure', {body: {}}).catch(() => {});
    this.measuring = false;
  }
}
