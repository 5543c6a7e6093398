// sh: texts, conditions and facts.
#include "solve/lang/emit_sh_library.h"

namespace hasten::solve {

static constexpr Definition kTexts[] = {
    {"none", "", R"~(function none(a, b, c, d, e) { return a == NONE || b == NONE || c == NONE || d == NONE || e == NONE }
function bounded(t) { return length(t) > 1048576 ? NONE : t }
)~"},
    {"repeated", "", R"~(function repeated(c, n,   out) {
  for (out = ""; n > 0; n = int(n / 2)) { if (n % 2) out = out c; c = c c }
  return out
}
)~"},
    {"kinds", "", R"~(BEGIN {
  KIND["digits"] = "[0-9]+"; KIND["number"] = "[0-9]+(,[0-9][0-9][0-9])*([.][0-9]+)?"
  KIND["upper"] = "[A-Z]+"; KIND["lower"] = "[a-z\200-\377]+"; KIND["letters"] = "[A-Za-z\200-\377]+"
  KIND["capitalised"] = "[A-Z][a-z\200-\377]+"; KIND["hump"] = "[A-Z]?[a-z\200-\377]+|[A-Z]+|[0-9]+"
  KIND["word"] = "[0-9A-Za-z\200-\377]+"; KIND["marks"] = "[^0-9A-Za-z\200-\377 \t\n\v\f\r]+"
  KIND["space"] = "[ \t\n\v\f\r]+"; KIND["nonspace"] = "[^ \t\n\v\f\r]+"
}
)~"},
    {"places", "none", R"~(function kth(n, k) {
  if (none(n, k)) return 0
  if (k < 0) k = n + 1 + k
  return k >= 1 && k <= n ? k : 0
}
# Every one of `what` in `t` begins at B[1], B[2], … and ends at E[1], E[2], …; how many there are.
function occurrences(t, what,   n, from, i) {
  if (none(t, what)) return NONE
  n = 0; from = 0
  while (what != "" && (i = index(t, what))) {
    n++; B[n] = from + i - 1; E[n] = B[n] + length(what)
    from = E[n]; t = substr(t, i + length(what))
  }
  return n
}
)~"},
    {"tokens", "kinds places",
     R"~(# The same for tokens of a kind. No comma stands before four digits; the last of capitals belongs to the small letters behind it.
function tokens(t, kind,   n, from, size, found, behind) {
  if (none(t, kind) || !(kind in KIND)) return NONE
  n = 0; from = 0
  while (match(t, KIND[kind])) {
    size = RLENGTH; found = substr(t, RSTART, size); behind = substr(t, RSTART + size, 1)
    if (kind == "number" && found ~ /,[0-9][0-9][0-9]$/ && behind ~ /[0-9]/) size -= 4
    if (kind == "hump" && size > 1 && found ~ /^[A-Z]+$/ && behind ~ /[a-z\200-\377]/) size--
    n++; B[n] = from + RSTART - 1; E[n] = B[n] + size
    from = E[n]; t = substr(t, RSTART + size)
  }
  return n
}
)~"},
    {"parts", "places", R"~(# The parts that a separator divides: P[1], P[2], …
function parts(t, separator,   n, i) {
  n = separator == "" ? NONE : occurrences(t, separator)
  if (n == NONE) return NONE
  E[0] = 0; B[n + 1] = length(t)
  for (i = 1; i <= n + 1; i++) P[i] = substr(t, E[i - 1] + 1, B[i] - E[i - 1])
  return n + 1
}
function united(n, glue,   i, out) {
  out = ""
  for (i = 1; i <= n; i++) out = out (i > 1 ? glue : "") P[i]
  return bounded(out)
}
)~"},
    {"characters", "none", R"~(function tail(c) { return c >= "\200" && c <= "\277" }
function characters(t) { gsub(/[\200-\277]/, "", t); return length(t) }
function step(t, p, n) {
  while (n > 0) { if (p >= length(t)) return NONE; p++; while (tail(substr(t, p + 1, 1))) p++; n-- }
  while (n < 0) { if (p <= 0) return NONE; p--; while (p > 0 && tail(substr(t, p + 1, 1))) p--; n++ }
  return p
}
)~"},
    {"concat", "none", "function concat(t) { return index(t, NONE) ? NONE : bounded(t) }\n"},
    {"slice", "none",
     "function slice(t, p, q) { return none(t, p, q) || p < 0 || q < p || q > length(t) ? NONE : substr(t, p + 1, q - p) "
     "}\n"},
    {"at", "characters",
     "function at(t, k) { return none(t, k) ? NONE : k < 0 ? step(t, length(t), k + 1) : step(t, 0, k) }\n"},
    {"skip", "characters",
     "function skip(t, p, n) { return none(t, p, n) || p < 0 || p > length(t) ? NONE : step(t, p, n) }\n"},
    {"boundary", "", "function boundary(k, side) { return !k || side == NONE ? NONE : side ? E[k] : B[k] }\n"},
    {"find", "places boundary", "function find(t, what, k, side) { return boundary(kth(occurrences(t, what), k), side) }\n"},
    {"token", "tokens boundary", "function token(t, kind, k, side) { return boundary(kth(tokens(t, kind), k), side) }\n"},
    {"between", "tokens", R"~(function between(t, left, right, k,   n, i, m, begins, met) {
  n = tokens(t, right)
  if (n == NONE) return NONE
  for (i = 1; i <= n; i++) begins[B[i]] = 1
  n = tokens(t, left); m = 0
  if (n == NONE) return NONE
  for (i = 1; i <= n; i++) if (E[i] in begins) met[++m] = E[i]
  k = kth(m, k)
  return k ? met[k] : NONE
}
)~"},
    {"match", "tokens",
     "function match_(t, kind, k) { k = kth(tokens(t, kind), k); return k ? substr(t, B[k] + 1, E[k] - B[k]) : NONE }\n"},
    {"field", "parts", "function field(t, separator, k) { k = kth(parts(t, separator), k); return k ? P[k] : NONE }\n"},
    {"cases", "none", R"~(function recase(t, up,   i, c, n, out) {
  t = up ? toupper(t) : tolower(t)
  if (!index(t, "\303")) return t
  if (!FROM[0]) for (i = 128; i < 159; i++) if (i != 151) { FROM[0] = FROM[0] sprintf("%c", i); FROM[1] = FROM[1] sprintf("%c", i + 32) }
  out = ""
  for (i = 1; i <= length(t); i++) {
    c = substr(t, i, 1)
    if (i > 1 && substr(t, i - 1, 1) == "\303" && (n = index(FROM[up ? 1 : 0], c))) c = substr(FROM[up ? 0 : 1], n, 1)
    out = out c
  }
  return out
}
)~"},
    {"lower", "cases", "function lower(t) { return t == NONE ? NONE : recase(t, 0) }\n"},
    {"upper", "cases", "function upper(t) { return t == NONE ? NONE : recase(t, 1) }\n"},
    {"capital", "cases characters", R"~(function capital(t,   n) {
  if (t == NONE) return NONE
  n = step(t, 0, t == "" ? 0 : 1)
  return recase(substr(t, 1, n), 1) recase(substr(t, n + 1), 0)
}
)~"},
    {"title", "cases characters", R"~(function title(t,   p, q, c, out, inside) {
  if (t == NONE) return NONE
  t = recase(t, 0); out = ""; inside = 0
  for (p = 0; p < length(t); p = q) {
    q = step(t, p, 1); c = substr(t, p + 1, q - p); out = out (inside ? c : recase(c, 1))
    inside = c ~ /^[A-Za-z0-9]/ || c > "~" || (inside && c == "\047")
  }
  return out
}
)~"},
    {"trim", "none",
     "function trim(t) { if (t == NONE) return NONE; gsub(/^[ \\t\\n\\v\\f\\r]+|[ \\t\\n\\v\\f\\r]+$/, \"\", t); return t "
     "}\n"},
    {"squeeze", "none",
     "function squeeze(t) { if (t == NONE) return NONE; gsub(/[ \\t\\n\\v\\f\\r]+/, \" \", t); gsub(/^ | $/, \"\", t); "
     "return "
     "t }\n"},
    {"join", "tokens", R"~(function join(t, kind, glue,   n, i, out) {
  n = tokens(t, kind); out = ""
  if (none(n, glue)) return NONE
  for (i = 1; i <= n; i++) out = out (i > 1 ? glue : "") substr(t, B[i] + 1, E[i] - B[i])
  return bounded(out)
}
)~"},
    {"keep", "join", "function keep(t, kind) { return join(t, kind, \"\") }\n"},
    {"drop", "tokens", R"~(function drop(t, kind,   n, i, out) {
  n = tokens(t, kind); out = ""; E[0] = 0
  if (n == NONE) return NONE
  for (i = 1; i <= n; i++) out = out substr(t, E[i - 1] + 1, B[i] - E[i - 1])
  return out substr(t, E[n] + 1)
}
)~"},
    {"initials", "tokens characters", R"~(function initials(t, kind, glue,   n, i, out) {
  n = tokens(t, kind); out = ""
  if (none(n, glue) || !n) return NONE
  for (i = 1; i <= n; i++) out = out (i > 1 ? glue : "") substr(t, B[i] + 1, step(t, B[i], 1) - B[i])
  return out
}
)~"},
    {"replace", "places", R"~(function replace(t, a, b,   n, i, out) {
  n = occurrences(t, a); out = ""; E[0] = 0
  if (none(n, b)) return NONE
  for (i = 1; i <= n; i++) { out = out substr(t, E[i - 1] + 1, B[i] - E[i - 1]) b; if (bounded(out) == NONE) return NONE }
  return out substr(t, E[n] + 1)
}
)~"},
    {"reverse", "characters", R"~(function reverse(t,   p, q, out) {
  if (t == NONE) return NONE
  out = ""
  for (p = 0; p < length(t); p = q) { q = step(t, p, 1); out = substr(t, p + 1, q - p) out }
  return out
}
)~"},
    {"without", "characters", R"~(function without(t, gone,   p, q, c, out) {
  if (none(t, gone)) return NONE
  out = ""
  for (p = 0; p < length(t); p = q) { q = step(t, p, 1); c = substr(t, p + 1, q - p); if (!index(gone, c)) out = out c }
  return out
}
)~"},
    // LATIN has the letter below the accent of each from U+00C0 on, 64 for each first byte.
    {"plain", "none", R"~(function plain(t,   i, k, c, out) {
  if (t == NONE) return NONE
  if (SECOND == "") for (i = 128; i < 192; i++) SECOND = SECOND sprintf("%c", i)
  out = ""
  for (i = 1; i <= length(t); i++) {
    c = substr(t, i, 1); k = index("\303\304\305", c)
    k = k && i < length(t) ? (k - 1) * 64 + index(SECOND, substr(t, i + 1, 1)) : 0
    if (k && substr(LATIN, k, 1) != "?") { c = substr(LATIN, k, 1); i++ }
    out = out c
  }
  return out
}
)~"},
    {"items", "parts", R"~(function items(t, separator, how,   n, i, j, p, seen, kept) {
  n = parts(t, separator)
  if (none(n, how)) return NONE
  if (how == "unique") {
    kept = 0
    for (i = 1; i <= n; i++) if (!(P[i] in seen)) { seen[P[i]] = 1; P[++kept] = P[i] }
    return united(kept, separator)
  }
  if (how == "reversed") {
    for (i = 1; i <= n - i; i++) { p = P[i]; P[i] = P[n + 1 - i]; P[n + 1 - i] = p }
    return united(n, separator)
  }
  if (how != "sorted" && how != "sorted down") return NONE
  for (i = 2; i <= n; i++) {
    p = P[i] ""
    for (j = i - 1; j >= 1 && (how == "sorted" ? P[j] > p "" : P[j] < p ""); j--) P[j + 1] = P[j]
    P[j + 1] = p
  }
  return united(n, separator)
}
)~"},
    {"items_with", "parts", R"~(function items_with(t, separator, begin,   n, i, kept) {
  n = parts(t, separator); kept = 0
  if (none(n, begin)) return NONE
  for (i = 1; i <= n; i++) if (substr(P[i], 1, length(begin)) == begin "") P[++kept] = P[i]
  return united(kept, separator)
}
)~"},
    {"groups", "characters", R"~(function groups(t, size, glue,   p, q, out) {
  if (none(t, size) || size < 1) return NONE
  out = ""
  for (p = 0; p < length(t); p = q) {
    q = step(t, p, size); if (q == NONE) q = length(t)
    out = out (p ? glue : "") substr(t, p + 1, q - p)
  }
  return out
}
)~"},
    {"pad_left", "characters repeated",
     "function pad_left(t, width, c) { return none(t, width) || length(c) != 1 ? NONE : repeated(c, width - characters(t)) t "
     "}\n"},
    {"pad_right", "characters repeated",
     "function pad_right(t, width, c) { return none(t, width) || length(c) != 1 ? NONE : t repeated(c, width - "
     "characters(t)) "
     "}\n"},
    // The fields of a row stand in one text, tabs between them; so do the names of the columns.
    {"look_up", "none", R"~(function look_up(t, table, a, b,   n, i, names, fields, from, to) {
  if (none(t, table, a, b)) return NONE
  n = split(COLUMNS[table], names, "\t"); from = to = 0
  for (i = 1; i <= n; i++) { if (names[i] "" == a "") from = i; if (names[i] "" == b "") to = i }
  for (i = 1; from && to && (table, i) in FACT; i++) {
    split(FACT[table, i], fields, "\t")
    if (tolower(fields[from]) "" == tolower(t) "") return fields[to]
  }
  return NONE
}
)~"},
    {"first", "", "function first(a, b) { return a == NONE ? b : a }\n"},
    {"is_nothing", "", "function is_nothing(a) { return a == NONE }\n"},
    {"not", "", "function not(a) { return a != 1 }\n"},
    {"contains", "none", "function contains(t, what) { return none(t, what) ? NONE : what == \"\" || index(t, what) > 0 }\n"},
    {"starts", "none", "function starts(t, what) { return none(t, what) ? NONE : substr(t, 1, length(what)) == what \"\" }\n"},
    {"ends", "none", R"~(function ends(t, what) {
  if (none(t, what)) return NONE
  return length(t) >= length(what) && substr(t, length(t) - length(what) + 1) == what ""
}
)~"},
    {"equals", "none", "function equals(a, b) { return none(a, b) ? NONE : a \"\" == b \"\" }\n"},
    {"empty", "", "function empty(t) { return t == NONE || t ~ /^[ \\t\\n\\v\\f\\r]*$/ }\n"},
    {"shape", "none", R"~(function shape(t, wanted,   i, c, before, out) {
  if (none(t, wanted)) return NONE
  out = before = ""
  for (i = 1; i <= length(t); i++) {
    c = substr(t, i, 1)
    c = c ~ /[0-9]/ ? "9" : c ~ /[A-Z]/ ? "A" : c ~ /[a-z\200-\377]/ ? "a" : c ~ /[ \t\n\v\f\r]/ ? " " : c
    if (c "" != before "") out = out c
    before = c
  }
  return out "" == wanted ""
}
)~"},
    {"length", "characters", "function length_(t) { return t == NONE ? NONE : characters(t) }\n"},
    {"count", "tokens", "function count(t, kind) { return tokens(t, kind) }\n"},
    {"count_of", "places", "function count_of(t, what) { return occurrences(t, what) }\n"},
};

std::span<const Definition> ShTexts() { return kTexts; }

}  // namespace hasten::solve
