// Elements without a framework: `h('button', {class: 'quiet', onclick: stop}, 'Stop')`. Text is always text; there is no way in
// here to turn a string into markup.

export type Child = Node | string | number | null | undefined | false;
type Listener = (event: never) => void;
type Value = string | number | boolean | null | undefined | Listener;

function setAll(element: Element, props: Record<string, Value>): void {
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === 'function') {
      element.addEventListener(name.slice(2), value as EventListener);
    } else {
      element.setAttribute(name, value === true ? '' : String(value));
    }
  }
}

export function h<K extends keyof HTMLElementTagNameMap>(
    tag: K, props: Record<string, Value> = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  setAll(element, props);
  fill(element, ...children);
  return element;
}

export function svg(tag: string, props: Record<string, Value> = {}, ...children: Node[]): SVGElement {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  setAll(element, props);
  element.append(...children);
  return element;
}

export function fill(element: Element, ...children: Child[]): void {
  element.replaceChildren(...children.filter((c) => c !== null && c !== undefined && c !== false)
                              .map((c) => (typeof c === 'number' ? String(c) : (c as Node | string))));
}

// Sets the text only where it differs: a screen reader need not hear what did not change.
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

const paths = {
  menu: 'M4 7h16M4 12h16M4 17h16',
  plus: 'M12 5v14M5 12h14',
  send: 'M12 19V5M6 11l6-6 6 6',
  stop: 'M8 8h8v8H8z',
  copy: 'M9 9h10v10H9zM5 15V5h10',
  edit: 'M5 19h4L19 9l-4-4L5 15zM13 7l4 4',
  again: 'M19 12a7 7 0 1 1-2-5M17 3v4h-4',
  left: 'M14 6l-6 6 6 6',
  right: 'M10 6l6 6-6 6',
  sliders: 'M4 8h9M17 8h3M4 16h3M11 16h9M15 6v4M9 14v4',
  close: 'M6 6l12 12M18 6L6 18',
  trash: 'M5 7h14M10 7V5h4v2M7 7l1 12h8l1-12',
  download: 'M12 4v11M7 11l5 5 5-5M5 20h14',
  upload: 'M12 16V5M7 9l5-5 5 5M5 20h14',
  chat: 'M5 6h14v10H11l-4 3v-3H5z',
  pulse: 'M3 12h4l3-7 4 14 3-7h4',
  list: 'M5 7h14M5 12h14M5 17h9',
  key: 'M14 10a4 4 0 1 0-3 3l1 1h2v2h2v2h3v-3z',
  keyboard: 'M4 7h16v10H4zM8 14h8M8 10.5h.01M12 10.5h.01M16 10.5h.01',
} as const;

export type IconName = keyof typeof paths;

export function icon(name: IconName): SVGElement {
  return svg('svg', {class: 'icon', viewBox: '0 0 24 24', 'aria-hidden': 'true', focusable: 'false'},
             svg('path', {d: paths[name]}));
}

export function iconButton(name: IconName, label: string, onclick: () => void, extra: Record<string, Value> = {}): HTMLButtonElement {
  return h('button', {type: 'button', class: 'icon-button', 'aria-label': label, title: label, onclick, ...extra}, icon(name));
}

let ids = 0;
export const freshId = (): string => `id${++ids}`;
