// What changes between two looks at the engine. Source of the fields: serve/page_live.cc.

export interface Job {
  id: number;
  phase: 'waiting' | 'reading' | 'writing';
  prompt: number;
  cached: number;
  read: number;
  written: number;
  seconds: number;
  priority: number;
  branches: {written: number; done: boolean}[];
}

export interface LoadedModel {
  id: string;
  loaded: true;
  context: number;
  parallel: number;
  limit_tokens_per_s: number | null;
  running: number;
  waiting: number;
  kv: {blocks: number; available: number; block_tokens: number};
  totals: {
    jobs: number; cancelled: number; failed: number; prompt_tokens: number; cached_tokens: number; generated_tokens: number;
    steps: number; busy_s: number; preemptions: number;
  };
  jobs: Job[];
}

export interface Live {
  version: string;
  now_s: number;
  machine: {threads: number; memory_bytes_per_s: number; cache_bytes_per_s: number; int8_multiply_adds_per_s: number; float_multiply_adds_per_s: number} | null;
  models: (LoadedModel | {id: string; loaded: false})[];
}

export interface Rates {
  written: number;  // tokens a second
  read: number;     // of prompts, computed; what was cached does not count
  steps: number;    // a second
  busy: number;     // share of the time
}

export function ratesBetween(before: {now_s: number; model: LoadedModel}, after: {now_s: number; model: LoadedModel}): Rates {
  const s = after.now_s - before.now_s;
  const a = before.model.totals, b = after.model.totals;
  // A model that was unloaded and loaded again counts from zero.
  if (s <= 0 || b.steps < a.steps) return {written: 0, read: 0, steps: 0, busy: 0};
  const computed = (b.prompt_tokens - b.cached_tokens) - (a.prompt_tokens - a.cached_tokens);
  return {
    written: (b.generated_tokens - a.generated_tokens) / s, read: Math.max(0, computed) / s, steps: (b.steps - a.steps) / s,
    busy: Math.min(1, (b.busy_s - a.busy_s) / s),
  };
}

// The last `most` values, oldest first.
export class History {
  readonly values: number[] = [];
  constructor(readonly most: number) {}

  push(value: number): void {
    this.values.push(value);
    if (this.values.length > this.most) this.values.shift();
  }
}

// A path of SVG over `values` in a box of that width and height; `top` is the value of its upper edge.
export function linePath(values: readonly number[], most: number, width: number, height: number, top: number): string {
  const x = (i: number): number => width - (values.length - 1 - i) * width / Math.max(1, most - 1);
  const y = (v: number): number => height - Math.min(1, top > 0 ? v / top : 0) * height;
  return values.map((v, i) => `${i ? 'L' : 'M'}${x(i).toFixed(1)} ${y(v).toFixed(1)}`).join('');
}
