// Numbers as people read them.

export const count = (x: number): string => Math.round(x).toLocaleString('en');

export function rate(x: number): string {
  if (x === 0) return '0';
  return x >= 100 ? count(x) : x >= 10 ? x.toFixed(1) : x.toFixed(2);
}

export function seconds(s: number): string {
  if (s < 1) return `${Math.round(s * 1000)} ms`;
  if (s < 120) return `${s < 10 ? s.toFixed(1) : Math.round(s)} s`;
  if (s < 7200) return `${Math.floor(s / 60)} min ${Math.round(s % 60)} s`;
  return `${(s / 3600).toFixed(1)} h`;
}

export function bytes(b: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  for (; b >= 1000 && unit < units.length - 1; ++unit) b /= 1024;
  return `${unit === 0 || b >= 100 ? Math.round(b) : b.toFixed(1)} ${units[unit]}`;
}

export const percent = (share: number): string => `${Math.round(100 * share)} %`;

export function when(ms: number): string {
  const date = new Date(ms), now = new Date();
  const day = new Date(now.getFullYear(), now.getMonth(), now.getDate()).getTime();
  if (ms >= day) return date.toLocaleTimeString(undefined, {hour: '2-digit', minute: '2-digit'});
  if (ms >= day - 6 * 86_400_000) return date.toLocaleDateString(undefined, {weekday: 'short'});
  return date.toLocaleDateString(undefined, {year: now.getFullYear() === date.getFullYear() ? undefined : 'numeric', month: 'short', day: 'numeric'});
}
