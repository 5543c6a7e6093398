// JavaScript for Node.js 18 or later, its standard library only.
#include "base/result.h"
#include "solve/lang/emit_languages.h"
#include "solve/lang/facts.h"
#include "solve/lang/ops.h"

namespace hasten::solve {

namespace {

// The operations as functions; what is none is null. Texts are arrays of characters where positions count, so that an emoji is
// one. Numbers are [digits as BigInt, places]: exact, and as they were written.
constexpr Definition kLibrary[] = {
    {"strict", "", R"~(const strict = f => (...a) => a.some(x => x === null || x === undefined) ? null : f(...a);
const chars = t => Array.from(t);
const cut = (t, p, q) => chars(t).slice(p, q).join("");
)~"},
    {"kinds", "", R"~(const L = "a-z\\u0080-\\u{10ffff}";
const KINDS = {digits: "[0-9]+", number: "[0-9]+(?:,[0-9]{3}(?![0-9]))*(?:\\.[0-9]+)?", letters: `[A-Z${L}]+`, upper: "[A-Z]+", lower: `[${L}]+`,
  capitalised: `[A-Z][${L}]+`, word: `[0-9A-Z${L}]+`, space: "[ \\t-\\r]+", nonspace: "[^ \\t-\\r]+", marks: `[^0-9A-Z${L} \\t-\\r]+`,
  hump: `[A-Z]?[${L}]+|[A-Z]+(?![${L}])|[0-9]+`};
const span = (t, m) => { const a = chars(t.slice(0, m.index)).length; return [a, a + chars(m[0]).length]; };
const spans = (t, kind) => [...t.matchAll(new RegExp(KINDS[kind], "gu"))].map(m => span(t, m));
const kth = (found, k) => { const i = k > 0 ? k - 1 : found.length + k; return i >= 0 && i < found.length ? found[i] : null; };
const occurrences = (t, what) => [...t.matchAll(new RegExp(what.replace(/[.*+?^${}()|[\]\\\/]/g, "\\$&"), "gu"))].map(m => span(t, m));
)~"},
    {"whole", "", R"~(const whole = n => {
  const [digits, places] = Array.isArray(n) ? n : [n, 0];
  return digits == null || places || digits > 1000000 || digits < -1000000 ? null : Number(digits);
};
)~"},
    {"concat", "", "const concat = strict((...a) => a.join(\"\"));\n"},
    {"slice", "", "const slice = strict((t, p, q) => 0 <= p && p <= q && q <= chars(t).length ? cut(t, p, q) : null);\n"},
    {"at", "",
     "const at = strict((t, k) => { const n = chars(t).length, i = k >= 0 ? k : n + 1 + k; return i >= 0 && i <= n ? i : null; "
     "});\n"},
    {"skip", "", "const skip = strict((t, p, n) => p + n >= 0 && p + n <= chars(t).length ? p + n : null);\n"},
    {"find", "kinds", "const find = strict((t, what, k, side) => (kth(occurrences(t, what), k) ?? [null, null])[side]);\n"},
    {"token", "kinds", "const token = strict((t, kind, k, side) => (kth(spans(t, kind), k) ?? [null, null])[side]);\n"},
    {"between", "kinds", R"~(const between = strict((t, left, right, k) => {
  const begins = new Set(spans(t, right).map(s => s[0]));
  return kth(spans(t, left).map(s => s[1]).filter(b => begins.has(b)), k);
});
)~"},
    {"match", "kinds",
     "const match = strict((t, kind, k) => { const s = kth(spans(t, kind), k); return s && cut(t, s[0], s[1]); });\n"},
    {"field", "kinds", "const field = strict((t, separator, k) => kth(t.split(separator), k));\n"},
    {"cases", "",
     R"~(const recase = (t, upper) => chars(t).map(c => c < "\u0080" || c >= "\u00c0" && c <= "\u00fe" && !"\u00d7\u00df\u00f7".includes(c)
  ? (upper ? c.toUpperCase() : c.toLowerCase()) : c).join("");
)~"},
    {"lower", "cases", "const lower = strict(t => recase(t, false));\n"},
    {"upper", "cases", "const upper = strict(t => recase(t, true));\n"},
    {"title", "cases", R"~(const title = strict(t => {
  let out = "", inside = false;
  for (let c of recase(t, false)) {
    if (!inside) c = recase(c, true);
    out += c;
    inside = /[A-Za-z0-9]/.test(c) || c >= "\u0080" || inside && c === "'";
  }
  return out;
});
)~"},
    {"capital", "cases", "const capital = strict(t => recase(cut(t, 0, 1), true) + recase(cut(t, 1), false));\n"},
    {"trimming", "", "const strip = t => t.replace(/^[ \\t-\\r]+|[ \\t-\\r]+$/g, \"\");\n"},
    {"trim", "trimming", "const trim = strict(strip);\n"},
    {"squeeze", "", "const squeeze = strict(t => (t.match(/[^ \\t-\\r]+/g) ?? []).join(\" \"));\n"},
    {"keep", "kinds", "const keep = strict((t, kind) => spans(t, kind).map(s => cut(t, s[0], s[1])).join(\"\"));\n"},
    {"replace", "", "const replace = strict((t, a, b) => a === \"\" ? t : t.split(a).join(b));\n"},
    {"initials", "kinds",
     "const initials = strict((t, kind, glue) => spans(t, kind).map(s => cut(t, s[0], s[0] + 1)).join(glue) || null);\n"},
    {"reverse", "", "const reverse = strict(t => chars(t).reverse().join(\"\"));\n"},
    {"join", "kinds", "const join = strict((t, kind, glue) => spans(t, kind).map(s => cut(t, s[0], s[1])).join(glue));\n"},
    {"drop", "kinds", "const drop = strict((t, kind) => t.replace(new RegExp(KINDS[kind], \"gu\"), \"\"));\n"},
    {"without", "", "const without = strict((t, gone) => chars(t).filter(c => !gone.includes(c)).join(\"\"));\n"},
    {"plain", "", R"~(const plain = strict(t => chars(t).map(c => {
  const base = c.normalize("NFD")[0];
  return c >= "\u00c0" && c <= "\u017f" && base < "\u0080" ? base : c;
}).join(""));
)~"},
    {"items", "", R"~(const by_points = (a, b) => {
  const p = chars(a), q = chars(b);
  for (let i = 0; i < Math.min(p.length, q.length); ++i) if (p[i] !== q[i]) return p[i].codePointAt(0) - q[i].codePointAt(0);
  return p.length - q.length;
};
const items = strict((t, separator, how) => {
  let parts = t.split(separator);
  if (how === "unique") parts = [...new Set(parts)];
  else if (how === "reversed") parts.reverse();
  else parts.sort(how === "sorted" ? by_points : (a, b) => by_points(b, a));
  return parts.join(separator);
});
)~"},
    {"items_with", "",
     "const items_with = strict((t, separator, begin) => t.split(separator).filter(p => "
     "p.startsWith(begin)).join(separator));\n"},
    {"groups", "",
     "const groups = strict((t, size, glue) => size < 1 ? null : chars(t).map((c, i) => (i && i % size === 0 ? glue : \"\") + "
     "c).join(\"\"));\n"},
    {"pad_left", "", "const pad_left = strict((t, width, c) => c.repeat(Math.max(0, width - chars(t).length)) + t);\n"},
    {"pad_right", "", "const pad_right = strict((t, width, c) => t + c.repeat(Math.max(0, width - chars(t).length)));\n"},
    {"parse", "", R"~(const ten = k => 10n ** BigInt(Math.max(0, k)), MOST = 2n ** 120n;
const num = n => Array.isArray(n) ? n : [BigInt(n), 0];
const size = n => n < 0n ? -n : n;
const floor = (a, b) => a / b - (a % b < 0n ? 1n : 0n);
const grown = (digits, zeros) => zeros > 0 && size(digits) * ten(zeros - 1) > MOST / 10n ? null : digits * ten(zeros);
function trimmed(n) {
  while (n[1] > 0 && n[0] % 10n === 0n) n = [n[0] / 10n, n[1] - 1];
  return n;
}
function aligned(a, b) {
  a = trimmed(num(a)), b = trimmed(num(b));
  const places = Math.max(a[1], b[1]), left = grown(a[0], places - a[1]), right = grown(b[0], places - b[1]);
  return left === null || right === null ? null : [left, right, places];
}
function moved_point(n, k) {
  const digits = grown(n[0], k - n[1]), places = Math.max(0, n[1] - k);
  return digits === null || places > 30 ? null : [digits, places];
}
function parse(t) {
  const m = /^([-+]?)([0-9,]*)(?:\.([0-9]*))?(?:[eE]([-+]?)([0-9]+))?$/.exec(t);
  if (!m || m[2].includes(",") && !/^[0-9]{1,3}(,[0-9]{1,3})*,[0-9]{3}$/.test(m[2])) return null;
  const written = m[2].replace(/,/g, "") + (m[3] ?? ""), digits = written.replace(/^0+/, ""), places = (m[3] ?? "").length;
  if (written === "" || places > 30 || digits.length > 40 || BigInt(digits) / 10n > MOST / 100n) return null;
  const n = BigInt(digits), power = Math.min(1000, Number(m[5] ?? 0));
  return moved_point([m[1] === "-" ? -n : n, places], m[4] === "-" ? -power : power);
}
function plus(a, b) {
  const both = a === null || b === null ? null : aligned(a, b);
  return both && [both[0] + both[1], both[2]];
}
)~"},
    {"order", "strict parse", R"~(const less = strict((a, b) => {
  const both = aligned(a, b), rough = n => Number(num(n)[0]) / Number(ten(num(n)[1]));
  return both ? both[0] < both[1] : rough(a) < rough(b);
});
)~"},
    {"number", "kinds parse trimming", R"~(const signed_at = (t, s) => {
  const c = chars(t);
  let a = s[0];
  if (a > 0 && c[a - 1] === "-" && (a === 1 || !(/[A-Za-z0-9]/.test(c[a - 2]) || c[a - 2] >= "\u0080"))) --a;
  return parse(c.slice(a, s[1]).join(""));
};
const number = strict((t, k) => {
  if ((k === 1 || k === -1) && parse(strip(t)) !== null) return parse(strip(t));
  const s = kth(spans(t, "number"), k);
  return s === null ? null : signed_at(t, s);
});
)~"},
    {"times_ten", "parse", "const times_ten = strict((n, k) => k > -40 && k < 40 ? moved_point(num(n), k) : null);\n"},
    {"plus", "parse", ""},
    {"minus", "parse", "const minus = strict((a, b) => plus(a, [-num(b)[0], num(b)[1]]));\n"},
    {"times", "parse", R"~(const times = strict((a, b) => {
  a = trimmed(num(a)), b = trimmed(num(b));
  const n = trimmed([a[0] * b[0], a[1] + b[1]]);
  return size(a[0] * b[0]) > MOST || n[1] > 30 ? null : n;
});
)~"},
    {"over", "parse", R"~(const over = strict((a, b) => {
  a = trimmed(num(a)), b = trimmed(num(b));
  const zeros = 12 + b[1] - a[1], n = grown(size(a[0]), zeros), d = grown(size(b[0]), -zeros);
  if (n === null || !d) return null;
  return trimmed([(2n * n + d) / (2n * d) * (a[0] < 0n === b[0] < 0n ? 1n : -1n), 12]);
});
)~"},
    {"remainder", "parse", R"~(const remainder = strict((a, b) => {
  const both = aligned(a, b);
  return !both || both[1] <= 0n ? null : trimmed([both[0] - floor(both[0], both[1]) * both[1], both[2]]);
});
)~"},
    {"larger", "order", "const larger = strict((a, b) => less(a, b) ? b : a);\n"},
    {"smaller", "order", "const smaller = strict((a, b) => less(b, a) ? b : a);\n"},
    {"numbers", "number over larger smaller", R"~(const numbers = strict((t, how) => {
  const all = spans(t, "number").map(s => signed_at(t, s));
  if (!all.length || all.includes(null)) return null;
  const result = all.reduce(how === "largest" ? larger : how === "smallest" ? smaller : plus);
  return how === "average" ? over(result, [BigInt(all.length), 0]) : result;
});
)~"},
    {"ordinal", "parse", R"~(const ordinal = strict(n => {
  n = num(n);
  if (n[1] || n[0] < 0n) return null;
  const last = Number(n[0] % 10n);
  return n[0] + (n[0] / 10n % 10n === 1n ? "th" : ["th", "st", "nd", "rd"][last] ?? "th");
});
)~"},
    {"roman", "parse", R"~(const roman = strict(n => {
  n = num(n);
  if (n[1] || n[0] < 1n || n[0] > 3999n) return null;
  let rest = Number(n[0]), out = "";
  for (const [value, letters] of Object.entries({M: 1000, CM: 900, D: 500, CD: 400, C: 100, XC: 90, L: 50, XL: 40, X: 10, IX: 9, V: 5, IV: 4, I: 1}).map(e => [e[1], e[0]]))
    for (; rest >= value; rest -= value) out += letters;
  return out;
});
)~"},
    {"signed", "", "const signed = strict(t => t === \"\" ? null : t[0] === \"-\" ? t : \"+\" + t);\n"},
    {"round", "parse", R"~(const round = strict((n, unit, offset, places, mode) => {
  if (places < 0 || places > 20) return null;
  [unit, offset] = [unit, offset].map(n => [num(n)[0], num(n)[1] + places]);
  n = plus(n, [-offset[0], offset[1]]);
  const both = n && aligned(n, unit);
  if (!both || both[1] <= 0n) return null;
  const [a, b, scale] = both;
  const count = mode === "down" ? floor(a, b) : mode === "up" ? -floor(-a, b) : (2n * size(a) + b) / (2n * b) * (a < 0n ? -1n : 1n);
  let result = [count * b, scale];
  if (offset[0]) result = plus(result, offset);
  while (result && result[1] > unit[1] && result[0] % 10n === 0n) result = [result[0] / 10n, result[1] - 1];
  return result;
});
)~"},
    {"format", "parse", R"~(const format = strict((n, least, most, digits, grouping) => {
  if (least < -1 || least > 30 || most < 0 || digits < 0 || digits > 1000) return null;
  n = least < 0 ? num(n) : trimmed(num(n));
  if (n[1] > most) {
    const unit = ten(n[1] - most);
    n = [(2n * size(n[0]) + unit) / (2n * unit) * (n[0] < 0n ? -1n : 1n), most];
    if (least >= 0) n = trimmed(n);
  }
  const text = String(size(n[0])).padStart(n[1] + 1, "0");
  let front = text.slice(0, text.length - n[1]).padStart(digits, "0"), part = text.slice(text.length - n[1]).padEnd(Math.max(0, least), "0");
  if (digits === 0 && front === "0" && part) front = "";
  const [, style, group = ",", point = "."] = /^([^:]*):([^:]*):([^]*)$/.exec(grouping) ?? ["", grouping.split(":")[0]];
  if (style === "thousands" || style === "indian")
    for (let i = front.length - 3; i > 0; i -= style === "indian" ? 2 : 3) front = front.slice(0, i) + group + front.slice(i);
  return (n[0] < 0n ? "-" : "") + front + (part ? point + part : "");
});
)~"},
    {"moment", "kinds trimming",
     R"~(const MONTHS = "January February March April May June July August September October November December".split(" ");
const DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(" ");
const DIGITS = /^[0-9]+$/, WORD = /^[A-Za-z]+$/;
function named(word, names) {
  const w = word.toLowerCase();
  for (let i = 0; i < names.length; ++i) {
    const name = names[i].toLowerCase();
    if (w === name || (w.length === 3 || w.length === 4 && name.length > 4) && name.startsWith(w)) return i + 1;
  }
  return names === DAYS && w === "thurs" ? 4 : 0;
}
const leap = y => y % 4 === 0 && y % 100 !== 0 || y % 400 === 0;
const div = (a, b) => Math.floor(a / b), mod = (a, b) => a - b * div(a, b);
function day_number(y, m, d) {
  if (m <= 2) --y;
  return 365 * y + div(y, 4) - div(y, 100) + div(y, 400) + div(153 * (m + (m > 2 ? -3 : 9)) + 2, 5) + d - 1 - 719468;
}
function from_day(n) {
  const z = n + 719468, era = div(z, 146097), doe = z - era * 146097;
  const yoe = div(doe - div(doe, 1460) + div(doe, 36524) - div(doe, 146096), 365), doy = doe - (365 * yoe + div(yoe, 4) - div(yoe, 100));
  const mp = div(5 * doy + 2, 153), m = mp < 10 ? mp + 3 : mp - 9;
  return [yoe + era * 400 + (m <= 2 ? 1 : 0), m, doy - div(153 * mp + 2, 5) + 1];
}
const weekday = n => mod(n + 3, 7);
const iso_monday = y => day_number(y, 1, 4) - weekday(day_number(y, 1, 4));
function read_moment(all, order) {
  const tokens = [...all], m = {y: 0, mo: 0, d: 0, h: -1, mi: 0, s: 0};
  const is = (i, c) => tokens[i] === c, is_num = i => i < tokens.length && DIGITS.test(tokens[i]);
  const small = i => is_num(i) && tokens[i].length <= 2 && +tokens[i] <= 59, low = i => (tokens[i] ?? "").toLowerCase();
  const noon = i => {
    if (is(i, " ")) ++i;
    if (low(i) === "am" || low(i) === "pm") return [low(i) === "am" ? 1 : 2, i + 1];
    if ((low(i) === "a" || low(i) === "p") && is(i + 1, ".") && low(i + 2) === "m") return [low(i) === "a" ? 1 : 2, i + 3 + (is(i + 3, ".") ? 1 : 0)];
    return [0, 0];
  };
  for (let i = 0; i < tokens.length; ++i) {
    if (!small(i)) continue;
    let end = i + 1, half = 0, after = 0;
    if (is(end, ":") && small(end + 1) && tokens[end + 1].length === 2) {
      if (order === "minutes and seconds") {
        m.h = 0, m.mi = +tokens[i], m.s = +tokens[end + 1], end += 2;
      } else {
        m.h = +tokens[i], m.mi = +tokens[end + 1], end += 2;
        if (is(end, ":") && small(end + 1)) {
          m.s = +tokens[end + 1], end += 2;
          if (is(end, ".") && is_num(end + 1)) end += 2;
        }
      }
      if (m.h > 23) return null;
      [half, after] = noon(end);
      end = after || end;
      const z = end + (is(end, " ") ? 1 : 0);
      if (is(z, "Z") || is(z, "UTC") || is(z, "GMT")) end = z + 1;
      if ((is(z, "+") || is(z, "-") && z === end) && is_num(z + 1)) {
        if (is(z + 2, ":") && small(z + 3)) end = z + 4;
        else if (tokens[z + 1].length === 4) end = z + 2;
      }
    } else {
      [half, after] = noon(end);
      if (!half) continue;
      m.h = +tokens[i], end = after;
    }
    if (half) {
      if (m.h < 1 || m.h > 12) return null;
      m.h = m.h % 12 + (half === 2 ? 12 : 0);
    }
    let begin = i;
    const joins = [" ", ",", "@", "T", "at", "_"];
    while (begin > 0 && joins.includes(tokens[begin - 1])) --begin;
    while (end < tokens.length && joins.includes(tokens[end])) ++end;
    if (begin > 0 && end < tokens.length) return null;
    tokens.splice(begin, end - begin);
    break;
  }
  const mark = t => !WORD.test(t) && !DIGITS.test(t);
  if (tokens.length && (mark(tokens[0]) || mark(tokens[tokens.length - 1]))) return null;
  const nums = [];
  let marks = "", month = 0, day = 0, week = false;
  for (let i = 0; i < tokens.length; ++i) {
    const t = tokens[i], l = t.toLowerCase();
    if (DIGITS.test(t)) {
      if (t.length > 8) return null;
      nums.push(t);
    } else if (mark(t)) {
      if (!" ,-/.#'".includes(t)) return null;
      marks += t;
    } else if (named(t, MONTHS) && !month) month = named(t, MONTHS);
    else if (named(t, DAYS) && !day) day = named(t, DAYS);
    else if (l === "w" && i + 1 < tokens.length) week = true;
    else if (!(i && DIGITS.test(tokens[i - 1]) && ["st", "nd", "rd", "th"].includes(l)) && l !== "of") return null;
  }
  if ((nums.length || month || day) && !read_date(m, nums, marks, month, day, week, order)) return null;
  if (!(m.y || m.mo || m.d || m.h >= 0)) return null;
  const lengths = [31, leap(m.y || 2000) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return m.mo && m.d > lengths[m.mo - 1] ? null : m;
}
function read_date(m, nums, marks, month, day, week, order) {
  const year4 = t => t.length === 4 && +t >= 1000;
  const year = t => { m.y = +t + (t.length > 2 ? 0 : +t < 50 ? 2000 : 1900); return t.length === 2 || year4(t); };
  const month_day = (mo, d) => { m.mo = +mo, m.d = +d; return m.mo >= 1 && m.mo <= 12 && m.d >= 1 && m.d <= 31; };
  const day_at = n => { [m.y, m.mo, m.d] = from_day(n); return true; };
  const n = nums.length, [a, b, c] = nums;
  if (week) return n === 2 && year4(a) && +b >= 1 && +b <= 53 && day_at(iso_monday(+a) + 7 * (+b - 1) + Math.max(0, day - 1));
  if (month && marks.includes("#")) {
    if (n !== 2 || !day || !year4(b) || +a < 1 || +a > 5) return false;
    const first = day_number(+b, month, 1);
    return day_at(first + mod(day - 1 - weekday(first), 7) + 7 * (+a - 1)) && m.mo === month;
  }
  if (month && n === 2) {
    const first = year4(a);
    return year(first ? a : b) && nums[first ? 1 : 0].length <= 4 && month_day(month, first ? b : a);
  }
  if (month && n === 1) {
    if (!year4(a)) return month_day(month, a);
    m.mo = month;
    return year(a);
  }
  if (month || day && n === 0) return false;
  if (n === 3) {
    if (b.length > 2) return false;
    if (year4(a)) return c.length <= 2 && year(a) && (order === "day first" ? month_day(c, b) : month_day(b, c));
    if (a.length > 2) return false;
    if (order === "month first") return year(c) && (marks === ".." ? month_day(b, a) : month_day(a, b));
    if (order === "day first") return year(c) && month_day(b, a);
    return order === "year first" && c.length <= 2 && a.length === 2 && year(a) && month_day(b, c);
  }
  if (n === 2) {
    if (year4(a) && marks === " " && +b >= 1 && +b <= 365 + (leap(+a) ? 1 : 0)) return day_at(day_number(+a, 1, 1) + +b - 1);
    if (year4(a) && b.length === 2 && +b >= 1 && +b <= 12) { m.mo = +b; return year(a); }
    if (year4(b) && a.length <= 2 && +a >= 1 && +a <= 12) { m.mo = +a; return year(b); }
    return ["/", "-", "."].includes(marks) && a.length <= 2 && b.length <= 2 && (order === "day first" ? month_day(b, a) : month_day(a, b));
  }
  if (n !== 1 || day) return false;
  if (order === "hours" && a.length <= 2 && +a < 24) { m.h = +a; return true; }
  if (order === "hours and minutes" && (a.length === 3 || a.length === 4)) {
    m.h = div(+a, 100), m.mi = +a % 100;
    return m.h < 24 && m.mi < 60;
  }
  if (a.length === 8 || a.length === 7 && order === "month first") {
    const head = div(+a, 10000), tail = +a % 10000;
    if (order === "year first") { m.y = head; return head >= 1000 && month_day(div(tail, 100), tail % 100); }
    m.y = tail;
    return tail >= 1000 && (order === "day first" ? month_day(head % 100, div(head, 100)) : month_day(div(head, 100), head % 100));
  }
  return order === "year first" && year4(a) && year(a);
}
const moment = strict((t, k, order) => {
  const tokenise = s => s.match(/[0-9]+|[A-Za-z]+|[^]/gu) ?? [];
  if (k === 1 || k === -1) {
    const tokens = tokenise(strip(t).slice(0, 120)), whole = tokens.length && tokens.length <= 20 ? read_moment(tokens, order) : null;
    if (whole) return whole;
  }
  const tokens = tokenise(t.slice(0, 2000)), found = [];
  for (let i = 0, next; i < tokens.length; i = next) {
    next = i + 1;
    if (!(DIGITS.test(tokens[i]) || named(tokens[i], MONTHS) || named(tokens[i], DAYS))) continue;
    for (let end = Math.min(tokens.length, i + 20); end > i + 1; --end) {
      if (!/^[0-9A-Za-z]/.test(tokens[end - 1])) continue;
      const m = read_moment(tokens.slice(i, end), order);
      if (m && (m.y && m.mo && m.d || m.h >= 0)) {
        found.push(m);
        next = end;
        break;
      }
    }
  }
  return kth(found, k);
});
)~"},
    {"bucket", "moment", R"~(const bucket = strict((m, minutes, offset, shift) => {
  if (m.h < 0) return null;
  const start = div(m.h * 60 + m.mi - offset, minutes) * minutes + offset + shift, days = div(start, 1440), of_day = start - 1440 * days;
  const r = {...m, h: div(of_day, 60), mi: of_day % 60, s: 0};
  if (days && m.y && m.mo && m.d) [r.y, r.mo, r.d] = from_day(day_number(m.y, m.mo, m.d) + days);
  return r;
});
)~"},
    {"part", "moment", R"~(const part = strict((m, name) => {
  const two = n => String(n).padStart(2, "0"), {y, mo, d, h} = m, half = (h + 11) % 12 + 1;
  const ending = div(d, 10) === 1 ? "th" : ["th", "st", "nd", "rd"][d % 10] ?? "th";
  const groups = [[y, {yyyy: () => String(y).padStart(4, "0"), yy: () => two(y % 100)}],
    [mo, {M: () => String(mo), MM: () => two(mo), MMM: () => MONTHS[mo - 1].slice(0, 3), MMMM: () => MONTHS[mo - 1], q: () => String(div(mo + 2, 3)),
      half: () => mo > 6 ? "2" : "1"}],
    [d, {d: () => String(d), dd: () => two(d), do: () => d + ending, "month week": () => String(div(d + 6, 7))}],
    [h >= 0, {H: () => String(h), HH: () => two(h), h: () => String(half), hh: () => two(half), m: () => String(m.mi), mm: () => two(m.mi),
      s: () => String(m.s), ss: () => two(m.s), tt: () => h < 12 ? "AM" : "PM", am: () => h < 12 ? "am" : "pm", "a.m.": () => h < 12 ? "a.m." : "p.m."}]];
  for (const [there, parts] of groups) if (name in parts) return there ? parts[name]() : null;
  if (!(y && mo && d)) return null;
  const n = day_number(y, mo, d), yday = n - day_number(y, 1, 1) + 1;
  let iso = y + 1;
  while (n < iso_monday(iso)) --iso;
  const week = div(n - iso_monday(iso), 7) + 1;
  return {ddd: DAYS[weekday(n)].slice(0, 3), dddd: DAYS[weekday(n)], week: String(week), ww: two(week), "week year": String(iso), "year day": String(yday),
    "year day 3": String(yday).padStart(3, "0")}[name];
});
)~"},
    {"days", "moment parse", R"~(const days = strict((a, b) => {
  if (!(a.y && a.mo && a.d && b.y && b.mo && b.d)) return null;
  return [BigInt(day_number(b.y, b.mo, b.d) - day_number(a.y, a.mo, a.d)), 0];
});
)~"},
    {"months", "moment", R"~(const dated = m => m.y && m.mo && m.d;
const exactly = n => [BigInt(n), 0];
const months = strict((a, b) => dated(a) && dated(b) ? exactly((b.y - a.y) * 12 + b.mo - a.mo - (b.d < a.d ? 1 : 0)) : null);
)~"},
    {"years", "months parse",
     "const years = strict((a, b) => dated(a) && dated(b) ? exactly(b.y - a.y - (b.mo * 32 + b.d < a.mo * 32 + a.d ? 1 : 0)) : "
     "null);\n"},
    {"second_of_day", "months parse", R"~(const of_day = m => m.h * 3600 + m.mi * 60 + m.s;
const second_of_day = strict(m => m.h < 0 ? null : exactly(of_day(m)));
)~"},
    {"seconds", "second_of_day", R"~(const seconds = strict((a, b) => {
  if (a.h < 0 || b.h < 0) return null;
  let n = of_day(b) - of_day(a);
  if (dated(a) && dated(b)) n += 86400 * (day_number(b.y, b.mo, b.d) - day_number(a.y, a.mo, a.d));
  else if (n < 0) n += 86400;
  return exactly(n);
});
)~"},
    {"weekday", "months parse",
     "const weekday_ = strict(m => dated(m) ? exactly(weekday(day_number(m.y, m.mo, m.d)) + 1) : null);\n"},
    {"clock", "times", R"~(const clock = strict((n, unit) => {
  n = unit > 0 ? times(n, unit) : null;
  const s = n === null ? -1 : Number(floor(n[0], ten(n[1])));
  return s >= 0 && s <= 1000000000 ? {y: 0, mo: 0, d: 0, h: Math.floor(s / 3600), mi: Math.floor(s / 60) % 60, s: s % 60} : null;
});
)~"},
    {"add_days", "months parse", R"~(const small_whole = n => num(n)[1] === 0 && size(num(n)[0]) <= 1000000n;
const add_days = strict((m, n) => {
  if (!dated(m) || !small_whole(n)) return null;
  const [y, mo, d] = from_day(day_number(m.y, m.mo, m.d) + Number(num(n)[0]));
  return {...m, y, mo, d};
});
)~"},
    {"month_end", "moment", R"~(const lengths = y => [31, leap(y) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const month_end = strict(m => m.y && m.mo ? {...m, d: lengths(m.y)[m.mo - 1]} : null);
)~"},
    {"add_months", "add_days month_end", R"~(const add_months = strict((m, n) => {
  if (!dated(m) || !small_whole(n)) return null;
  const all = m.y * 12 + m.mo - 1 + Number(num(n)[0]);
  return all < 12 ? null : {...m, y: div(all, 12), mo: mod(all, 12) + 1, d: Math.min(m.d, lengths(div(all, 12))[mod(all, 12)])};
});
)~"},
    {"add_seconds", "add_days second_of_day", R"~(const add_seconds = strict((m, n) => {
  if (m.h < 0 || !small_whole(n)) return null;
  const all = of_day(m) + Number(num(n)[0]), s = mod(all, 86400);
  return {...(dated(m) ? add_days(m, div(all, 86400)) : m), h: div(s, 3600), mi: div(s, 60) % 60, s: s % 60};
});
)~"},
    {"look_up", "", R"~(const look_up = strict((t, table, a, b) => {
  const [columns, rows] = FACTS[table], row = rows.find(r => r[columns.indexOf(a)].toLowerCase() === t.toLowerCase());
  return row ? row[columns.indexOf(b)] : null;
});
)~"},
    {"first", "", "const first = (a, b) => a === null ? b : a;\n"},
    {"nothing", "", "const nothing = () => null;\n"},
    {"is_nothing", "", "const is_nothing = a => a === null;\n"},
    {"not", "", "const not = a => a !== true;\n"},
    {"contains", "", "const contains = strict((t, what) => t.includes(what));\n"},
    {"starts", "", "const starts = strict((t, what) => t.startsWith(what));\n"},
    {"ends", "", "const ends = strict((t, what) => t.endsWith(what));\n"},
    {"equals", "", "const equals = strict((a, b) => a === b);\n"},
    {"empty", "trimming", "const empty = t => t === null || strip(t) === \"\";\n"},
    {"shape", "", R"~(const shape = strict((t, wanted) => {
  let out = "";
  for (const c of t) {
    const kind = /[0-9]/.test(c) ? "9" : /[A-Z]/.test(c) ? "A" : /[a-z]/.test(c) || c >= "\u0080" ? "a" : /[ \t-\r]/.test(c) ? " " : c;
    if (!out.endsWith(kind)) out += kind;
  }
  return out === wanted;
});
)~"},
    {"less", "order", ""},
    {"length", "parse", "const length = strict(t => [BigInt(chars(t).length), 0]);\n"},
    {"count_of", "", "const count_of = strict((t, what) => [BigInt(what === \"\" ? 0 : t.split(what).length - 1), 0]);\n"},
    {"count", "kinds parse", "const count = strict((t, kind) => [BigInt(spans(t, kind).length), 0]);\n"},
};

std::string Quoted(std::string_view text) { return QuotedWith("\\x%02x", text); }

std::string Code(const Expr& e) {
  switch (e.kind) {
    case Expr::Kind::kInput:
      return Fmt("cells[%d]", int(e.number));
    case Expr::Kind::kText:
      return Quoted(e.text);
    case Expr::Kind::kNumber:
      return std::to_string(e.number);
    case Expr::Kind::kOp:
      break;
  }
  if (e.op->name == "if") return "(" + Code(e.args[0]) + " === true ? " + Code(e.args[1]) + " : " + Code(e.args[2]) + ")";
  std::string out = std::string(e.op->name) + (e.op->name == "weekday" ? "_(" : "(");
  for (size_t i = 0; i < e.args.size(); ++i) {
    const bool whole = Counts(*e.op, i) && NeedsWhole(e.args[i]);
    out += (i ? ", " : "") + (whole ? "whole(" + Code(e.args[i]) + ")" : Code(e.args[i]));
  }
  return out + ")";
}

std::string Facts(const FactTable& table) {
  std::string out = "  " + std::string(table.name) + ": [[";
  for (const auto column : table.columns) out += Quoted(column) + ", ";
  out += "], [\n";
  for (size_t r = 0; r < table.rows(); ++r) {
    out += "    [";
    for (size_t c = 0; c < table.columns.size(); ++c) out += Quoted(table.at(r, c)) + ", ";
    out += "],\n";
  }
  return out + "  ]],\n";
}

}  // namespace

std::string EmitJs(const SavedProgram& program) {
  std::string code =
      "#!/usr/bin/env node\n// Reads CSV with a header from standard input, writes it with the column that is computed.\n\"use "
      "strict\";\n\n";
  code += LibraryFor(program.program, kLibrary, "strict");
  std::string tables;
  for (const FactTable* table : TablesOf(program.program)) tables += Facts(*table);
  if (!tables.empty()) code += "const FACTS = {\n" + tables + "};\n";
  code += "const program = cells => " + Code(program.program) + ";\n";
  code += "const INPUTS = [";
  for (const std::string& name : program.inputs) code += Quoted(name) + ", ";
  code += "], OUTPUT = " + Quoted(program.output) + ";\n";
  code += R"~(
function read(text) {
  const rows = [[]];
  for (const m of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r?\n|$)/g)) {
    rows[rows.length - 1].push(m[1] !== undefined ? m[1].replace(/""/g, '"') : m[2]);
    if (m[3] === "") break;
    if (m[3] !== ",") rows.push([]);
  }
  return rows.filter(row => row.length > 1 || row[0]);
}
if (require.main === module) {
  const rows = read(require("fs").readFileSync(0, "utf8")), header = rows[0], columns = INPUTS.map(name => header.indexOf(name));
  if (!header.includes(OUTPUT)) header.push(OUTPUT);
  const output = header.indexOf(OUTPUT);
  for (const row of rows.slice(1)) {
    while (row.length < header.length) row.push("");
    if (row[output] === "") row[output] = program(columns.map(c => row[c])) ?? "";
  }
  const quote = c => /[",\r\n]/.test(c) ? '"' + c.replace(/"/g, '""') + '"' : c;
  process.stdout.write(rows.map(row => row.map(quote).join(",") + "\n").join(""));
}
module.exports = {program};
)~";
  return code;
}

}  // namespace hasten::solve
