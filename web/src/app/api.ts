// What the page asks of its server, and nobody else's.

export class ApiError extends Error {
  constructor(readonly status: number, message: string, readonly param: string = '') {
    super(message);
  }
}

// The key stays in this tab, or in this browser where that was asked for.
const kKey = 'hasten.key';
export const key = {
  get: (): string => sessionStorage.getItem(kKey) ?? localStorage.getItem(kKey) ?? '',
  set(value: string, keep: boolean): void {
    sessionStorage.removeItem(kKey);
    localStorage.removeItem(kKey);
    if (value) (keep ? localStorage : sessionStorage).setItem(kKey, value);
  },
};

// Asks for a key; resolves to false where none is given. Set by whoever can show a dialog.
let askForKey: () => Promise<boolean> = async () => false;
let asking: Promise<boolean> | null = null;
export function onKeyNeeded(ask: () => Promise<boolean>): void {
  askForKey = ask;
}

async function errorOf(response: Response): Promise<ApiError> {
  const text = await response.text().catch(() => '');
  try {
    const error = JSON.parse(text).error;
    const message = typeof error === 'string' ? error : error.message;
    return new ApiError(response.status, String(message), typeof error.param === 'string' ? error.param : '');
  } catch {
    return new ApiError(response.status, text.slice(0, 300) || `the server answered ${response.status}`);
  }
}

export interface Asked {
  body?: unknown;
  signal?: AbortSignal;
  quiet?: boolean;  // no dialog where a key is needed
}

export async function ask(path: string, {body, signal, quiet}: Asked = {}): Promise<Response> {
  for (;;) {
    const headers: Record<string, string> = {};
    const given = key.get();
    if (given) headers['Authorization'] = `Bearer ${given}`;
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    let response: Response;
    try {
      response = await fetch(path, {
        method: body === undefined ? 'GET' : 'POST',
        headers,
        body: body === undefined ? undefined : JSON.stringify(body),
        signal,
        cache: 'no-store',
      });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new ApiError(0, 'The server does not answer. Is hasten serve still running?');
    }
    if (response.ok) return response;
    if (response.status === 401 && !quiet) {
      asking ??= askForKey().finally(() => { asking = null; });
      if (key.get() !== given || (await asking)) continue;
    }
    throw await errorOf(response);
  }
}

export async function askJson<T>(path: string, asked: Asked = {}): Promise<T> {
  return (await (await ask(path, asked)).json()) as T;
}

export interface ModelEntry {
  id: string;
  meta: {family: string; size_bytes: number; loaded: boolean; context?: number; parameters?: number};
}

export async function models(): Promise<ModelEntry[]> {
  return (await askJson<{data: ModelEntry[]}>('/v1/models')).data;
}
