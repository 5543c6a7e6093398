// POSIX sh: a script around awk, for programs on texts. What awk has no words for is refused by name.
#include <optional>

#include "base/result.h"
#include "solve/lang/emit_languages.h"
#include "solve/lang/ops.h"
#include "solve/lang/tokens.h"

namespace hasten::solve {

namespace {

// Texts are awk strings; what is none is NONE, which no cell holds. Positions count characters from 0.
constexpr Definition kLibrary[] = {
    {"tokens", "", R"~(function tokens(t, re,   n, at) {
  n = 0; at = 0
  while (match(t, re)) {
    n++; B[n] = at + RSTART - 1; E[n] = B[n] + RLENGTH
    at += RSTART + RLENGTH - 1; t = substr(t, RSTART + RLENGTH)
  }
  return n
}
function occurrences(t, what,   n, at, i) {
  n = 0; at = 0
  while (what != "" && (i = index(t, what))) {
    n++; B[n] = at + i - 1; E[n] = B[n] + length(what)
    at += i + length(what) - 1; t = substr(t, i + length(what))
  }
  return n
}
function kth(n, k) { if (k < 0) k = n + 1 + k; return k >= 1 && k <= n ? k : 0 }
)~"},
    {"slice", "",
     "function slice(t, p, q) { return t == NONE || p == NONE || q == NONE || p < 0 || q < p || q > length(t) ? NONE : "
     "substr(t, p + 1, q - p) }\n"},
    {"characters", "", R"~(function tail(c) { return c >= "\200" && c <= "\277" }
function characters(t) { gsub(/[\200-\277]/, "", t); return length(t) }
function step(t, p, n) {
  while (n > 0) { if (p >= length(t)) return NONE; p++; while (tail(substr(t, p + 1, 1))) p++; n-- }
  while (n < 0) { if (p <= 0) return NONE; p--; while (p > 0 && tail(substr(t, p + 1, 1))) p--; n++ }
  return p
}
)~"},
    {"at", "characters", "function at(t, k) { return t == NONE ? NONE : k < 0 ? step(t, length(t), k + 1) : step(t, 0, k) }\n"},
    {"skip", "characters", "function skip(t, p, n) { return t == NONE || p == NONE ? NONE : step(t, p, n) }\n"},
    {"find", "tokens",
     "function find(t, what, k, side) { if (t == NONE) return NONE; k = kth(occurrences(t, what), k); return k ? (side ? E[k] "
     ": B[k]) : NONE }\n"},
    {"token", "tokens",
     "function token(t, re, k, side) { if (t == NONE) return NONE; k = kth(tokens(t, re), k); return k ? (side ? E[k] : B[k]) "
     ": NONE }\n"},
    {"match", "tokens",
     "function match_(t, re, k) { if (t == NONE) return NONE; k = kth(tokens(t, re), k); return k ? substr(t, B[k] + 1, E[k] - "
     "B[k]) : NONE }\n"},
    {"field", "tokens", R"~(function field(t, sep, k,   n) {
  if (t == NONE) return NONE
  n = occurrences(t, sep); k = kth(n + 1, k)
  if (!k) return NONE
  E[0] = 0; B[n + 1] = length(t)
  return substr(t, E[k - 1] + 1, B[k] - E[k - 1])
}
)~"},
    {"cases", "", R"~(function recase(t, up,   i, c, n, out) {
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
    {"capital", "cases characters",
     "function capital(t,   n) { if (t == NONE) return NONE; n = step(t, 0, t == \"\" ? 0 : 1); return recase(substr(t, 1, n), "
     "1) recase(substr(t, n + 1), 0) }\n"},
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
    {"trim", "",
     "function trim(t) { if (t == NONE) return NONE; gsub(/^[ \\t\\n\\v\\f\\r]+|[ \\t\\n\\v\\f\\r]+$/, \"\", t); return t }\n"},
    {"squeeze", "",
     "function squeeze(t) { if (t == NONE) return NONE; gsub(/[ \\t\\n\\v\\f\\r]+/, \" \", t); gsub(/^ | $/, \"\", t); return "
     "t }\n"},
    {"keep", "tokens",
     "function keep(t, re,   n, i, out) { if (t == NONE) return NONE; n = tokens(t, re); out = \"\"; for (i = 1; i <= n; i++) "
     "out = out substr(t, B[i] + 1, E[i] - B[i]); return out }\n"},
    {"initials", "tokens characters", R"~(function initials(t, re, glue,   n, i, out) {
  if (t == NONE) return NONE
  n = tokens(t, re); out = ""
  for (i = 1; i <= n; i++) out = out (i > 1 ? glue : "") substr(t, B[i] + 1, step(t, B[i], 1) - B[i])
  return n ? out : NONE
}
)~"},
    {"replace", "tokens", R"~(function replace(t, a, b,   n, i, out, from) {
  if (t == NONE) return NONE
  n = occurrences(t, a); out = ""; from = 0
  for (i = 1; i <= n; i++) { out = out substr(t, from + 1, B[i] - from) b; from = E[i] }
  return out substr(t, from + 1)
}
)~"},
    {"reverse", "characters", R"~(function reverse(t,   p, q, out) {
  if (t == NONE) return NONE
  out = ""
  for (p = 0; p < length(t); p = q) { q = step(t, p, 1); out = substr(t, p + 1, q - p) out }
  return out
}
)~"},
    {"pad_left", "characters",
     "function pad_left(t, width, c) { if (t == NONE) return NONE; while (characters(t) < width) t = c t; return t }\n"},
    {"pad_right", "characters",
     "function pad_right(t, width, c) { if (t == NONE) return NONE; while (characters(t) < width) t = t c; return t }\n"},
    {"moment", "trim", R"~(BEGIN {
  MONTHS = "january february march april may june july august september october november december"
  DAYS = "monday tuesday wednesday thursday friday saturday sunday"
}
function digits(t) { return t ~ /^[0-9]+$/ }
function word(t) { return t ~ /^[A-Za-z]+$/ }
function named(w, names,   i, n, list) {
  w = tolower(w); n = split(names, list, " ")
  for (i = 1; i <= n; i++)
    if (w == list[i] || ((length(w) == 3 || (length(w) == 4 && length(list[i]) > 4)) && index(list[i], w) == 1)) return i
  return names == DAYS && w == "thurs" ? 4 : 0
}
function leap(y) { return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0 }
function div(a, b,   q) { q = int(a / b); return q * b > a ? q - 1 : q }
function mod(a, b) { return a - b * div(a, b) }
function length_of(y, mo) { return mo == 2 ? 28 + leap(y) : mo == 4 || mo == 6 || mo == 9 || mo == 11 ? 30 : 31 }
function day_number(y, m, d) {
  if (m <= 2) y--
  return 365 * y + div(y, 4) - div(y, 100) + div(y, 400) + div(153 * (m + (m > 2 ? -3 : 9)) + 2, 5) + d - 1 - 719468
}
function from_day(n,   z, era, doe, yoe, doy, mp) {
  z = n + 719468; era = div(z, 146097); doe = z - era * 146097
  yoe = div(doe - div(doe, 1460) + div(doe, 36524) - div(doe, 146096), 365); doy = doe - (365 * yoe + div(yoe, 4) - div(yoe, 100))
  mp = div(5 * doy + 2, 153); MO = mp < 10 ? mp + 3 : mp - 9
  Y = yoe + era * 400 + (MO <= 2); D = doy - div(153 * mp + 2, 5) + 1
  return 1
}
function weekday_of(n) { return mod(n + 3, 7) }
function iso_monday(y) { return day_number(y, 1, 4) - weekday_of(day_number(y, 1, 4)) }
function packed() { return Y SUBSEP MO SUBSEP D SUBSEP H SUBSEP MI SUBSEP S }
function unpack(m,   part) {
  split(m, part, SUBSEP)
  Y = part[1] + 0; MO = part[2] + 0; D = part[3] + 0; H = part[4] + 0; MI = part[5] + 0; S = part[6] + 0
}
function small(i) { return i <= N && digits(W[i]) && length(W[i]) <= 2 && W[i] + 0 <= 59 }
function noon(i,   l) {
  HALF = AFTER = 0
  if (W[i] == " ") i++
  l = tolower(W[i])
  if (l == "am" || l == "pm") { HALF = l == "am" ? 1 : 2; AFTER = i + 1 }
  else if ((l == "a" || l == "p") && W[i + 1] == "." && tolower(W[i + 2]) == "m") {
    HALF = l == "a" ? 1 : 2; AFTER = i + 3 + (W[i + 3] == ".")
  }
}
function joins(t) { return t == " " || t == "," || t == "@" || t == "T" || t == "at" || t == "_" }
function read_time(order,   i, end, z, begin, gone) {
  for (i = 1; i <= N; i++) {
    if (!small(i)) continue
    end = i + 1; HALF = AFTER = 0
    if (W[end] == ":" && small(end + 1) && length(W[end + 1]) == 2) {
      if (order == "minutes and seconds") { H = 0; MI = W[i] + 0; S = W[end + 1] + 0; end += 2 }
      else {
        H = W[i] + 0; MI = W[end + 1] + 0; end += 2
        if (W[end] == ":" && small(end + 1)) { S = W[end + 1] + 0; end += 2; if (W[end] == "." && digits(W[end + 1])) end += 2 }
      }
      if (H > 23) return 0
      noon(end)
      if (AFTER) end = AFTER
      z = end + (W[end] == " ")
      if (W[z] == "Z" || W[z] == "UTC" || W[z] == "GMT") end = z + 1
      if ((W[z] == "+" || (W[z] == "-" && z == end)) && digits(W[z + 1])) {
        if (W[z + 2] == ":" && small(z + 3)) end = z + 4
        else if (length(W[z + 1]) == 4) end = z + 2
      }
    } else {
      noon(end)
      if (!HALF) continue
      H = W[i] + 0; end = AFTER
    }
    if (HALF) {
      if (H < 1 || H > 12) return 0
      H = H % 12 + (HALF == 2 ? 12 : 0)
    }
    begin = i
    while (begin > 1 && joins(W[begin - 1])) begin--
    while (end <= N && joins(W[end])) end++
    if (begin > 1 && end <= N) return 0
    gone = end - begin
    for (i = begin; i <= N; i++) W[i] = i + gone <= N ? W[i + gone] : ""
    N -= gone
    break
  }
  return 1
}
function year4(t) { return length(t) == 4 && t + 0 >= 1000 }
function year(t) { Y = t + (length(t) > 2 ? 0 : t + 0 < 50 ? 2000 : 1900); return length(t) == 2 || year4(t) }
function month_day(mo, d) { MO = mo + 0; D = d + 0; return MO >= 1 && MO <= 12 && D >= 1 && D <= 31 }
function read_date(n, marks, month, day, week, order,   a, b, c, first, head, tail) {
  a = A[1]; b = A[2]; c = A[3]
  if (week) return n == 2 && year4(a) && b + 0 >= 1 && b + 0 <= 53 && from_day(iso_monday(a + 0) + 7 * (b - 1) + (day ? day - 1 : 0))
  if (month && index(marks, "#")) {
    if (n != 2 || !day || !year4(b) || a + 0 < 1 || a + 0 > 5) return 0
    first = day_number(b + 0, month, 1)
    return from_day(first + mod(day - 1 - weekday_of(first), 7) + 7 * (a - 1)) && MO == month
  }
  if (month && n == 2) {
    first = year4(a)
    return year(first ? a : b) && length(first ? b : a) <= 4 && month_day(month, first ? b : a)
  }
  if (month && n == 1) {
    if (!year4(a)) return month_day(month, a)
    MO = month
    return year(a)
  }
  if (month || (day && n == 0)) return 0
  if (n == 3) {
    if (length(b) > 2) return 0
    if (year4(a)) return length(c) <= 2 && year(a) && (order == "day first" ? month_day(c, b) : month_day(b, c))
    if (length(a) > 2) return 0
    if (order == "month first") return year(c) && (marks == ".." ? month_day(b, a) : month_day(a, b))
    if (order == "day first") return year(c) && month_day(b, a)
    return order == "year first" && length(c) <= 2 && length(a) == 2 && year(a) && month_day(b, c)
  }
  if (n == 2) {
    if (year4(a) && marks == " " && b + 0 >= 1 && b + 0 <= 365 + leap(a + 0)) return from_day(day_number(a + 0, 1, 1) + b - 1)
    if (year4(a) && length(b) == 2 && b + 0 >= 1 && b + 0 <= 12) { MO = b + 0; return year(a) }
    if (year4(b) && length(a) <= 2 && a + 0 >= 1 && a + 0 <= 12) { MO = a + 0; return year(b) }
    return (marks == "/" || marks == "-" || marks == ".") && length(a) <= 2 && length(b) <= 2 &&
           (order == "day first" ? month_day(b, a) : month_day(a, b))
  }
  if (n != 1 || day) return 0
  if (order == "hours" && length(a) <= 2 && a + 0 < 24) { H = a + 0; return 1 }
  if (order == "hours and minutes" && (length(a) == 3 || length(a) == 4)) {
    H = div(a, 100); MI = a % 100
    return H < 24 && MI < 60
  }
  if (length(a) == 8 || (length(a) == 7 && order == "month first")) {
    head = div(a, 10000); tail = a % 10000
    if (order == "year first") { Y = head; return head >= 1000 && month_day(div(tail, 100), tail % 100) }
    Y = tail
    return tail >= 1000 && (order == "day first" ? month_day(head % 100, div(head, 100)) : month_day(div(head, 100), head % 100))
  }
  return order == "year first" && year4(a) && year(a)
}
# Tokens W[1] to W[N] as a moment: into Y, MO, D (0: not said), H (-1: not said), MI, S.
function read_moment(order,   i, n, marks, month, day, week, l, k) {
  Y = MO = D = MI = S = 0; H = -1
  if (!read_time(order)) return 0
  if (N && !((digits(W[1]) || word(W[1])) && (digits(W[N]) || word(W[N])))) return 0
  n = month = day = week = 0; marks = ""
  split("", A)
  for (i = 1; i <= N; i++) {
    l = tolower(W[i])
    if (digits(l)) { if (length(l) > 8) return 0; A[++n] = l }
    else if (!word(l)) { if (!index(" ,-/.#\047", l)) return 0; marks = marks l }
    else if (!month && (k = named(l, MONTHS))) month = k
    else if (!day && (k = named(l, DAYS))) day = k
    else if (l == "w" && i < N) week = 1
    else if (!(i > 1 && digits(W[i - 1]) && (l == "st" || l == "nd" || l == "rd" || l == "th")) && l != "of") return 0
  }
  if ((n || month || day) && !read_date(n, marks, month, day, week, order)) return 0
  return (Y || MO || D || H >= 0) && !(MO && D > length_of(Y ? Y : 2000, MO))
}
function tokenise(t,   n, size) {
  for (n = 0; t != ""; t = substr(t, size + 1)) {
    size = match(t, /^([0-9]+|[A-Za-z]+)/) ? RLENGTH : 1
    T[++n] = substr(t, 1, size)
  }
  return n
}
function window(from, to,   i) { split("", W); N = 0; for (i = from; i <= to; i++) W[++N] = T[i] }
function moment(t, k, order,   n, i, end, found, next_i) {
  if (t == NONE) return NONE
  if (k == 1 || k == -1) {
    n = tokenise(substr(trim(t), 1, 120)); window(1, n)
    if (n && n <= 20 && read_moment(order)) return packed()
  }
  n = tokenise(substr(t, 1, 2000)); found = 0
  for (i = 1; i <= n; i = next_i) {
    next_i = i + 1
    if (!(digits(T[i]) || named(T[i], MONTHS) || named(T[i], DAYS))) continue
    for (end = i + 19 < n ? i + 19 : n; end > i; end--) {
      if (!digits(T[end]) && !word(T[end])) continue
      window(i, end)
      if (read_moment(order) && ((Y && MO && D) || H >= 0)) { FOUND[++found] = packed(); next_i = end + 1; break }
    }
  }
  k = k < 0 ? found + 1 + k : k
  return k >= 1 && k <= found ? FOUND[k] : NONE
}
)~"},
    {"bucket", "moment", R"~(function bucket(m, minutes, offset, shift,   start, days) {
  if (m == NONE) return NONE
  unpack(m)
  if (H < 0) return NONE
  start = div(H * 60 + MI - offset, minutes) * minutes + offset + shift; days = div(start, 1440); start -= 1440 * days
  if (days && Y && MO && D) from_day(day_number(Y, MO, D) + days)
  H = div(start, 60); MI = start % 60; S = 0
  return packed()
}
)~"},
    {"part", "moment", R"~(function two(n) { return sprintf("%02d", n) }
function called(names, i,   list) { split(names, list, " "); return toupper(substr(list[i], 1, 1)) substr(list[i], 2) }
function date_part(name,   n, iso, days) {
  n = day_number(Y, MO, D); days = n - day_number(Y, 1, 1) + 1
  if (name == "ddd") return substr(called(DAYS, weekday_of(n) + 1), 1, 3)
  if (name == "dddd") return called(DAYS, weekday_of(n) + 1)
  if (name == "year day") return days ""
  if (name == "year day 3") return sprintf("%03d", days)
  for (iso = Y + 1; n < iso_monday(iso); iso--);
  if (name == "week year") return iso ""
  n = div(n - iso_monday(iso), 7) + 1
  return name == "ww" ? two(n) : n ""
}
function part(m, name,   half) {
  if (m == NONE) return NONE
  unpack(m); half = (H + 11) % 12 + 1
  if (name == "yyyy" || name == "yy") return !Y ? NONE : name == "yy" ? two(Y % 100) : sprintf("%04d", Y)
  if (name == "q") return MO ? div(MO + 2, 3) "" : NONE
  if (name == "half") return MO ? (MO > 6 ? "2" : "1") : NONE
  if (name ~ /^M/) return !MO ? NONE : name == "M" ? MO "" : name == "MM" ? two(MO) : name == "MMM" ? substr(called(MONTHS, MO), 1, 3) : called(MONTHS, MO)
  if (name == "d") return D ? D "" : NONE
  if (name == "dd") return D ? two(D) : NONE
  if (name == "do") return !D ? NONE : D (div(D, 10) == 1 || D % 10 == 0 || D % 10 > 3 ? "th" : substr("stndrd", D % 10 * 2 - 1, 2))
  if (name == "month week") return D ? div(D + 6, 7) "" : NONE
  if (name ~ /^(HH?|hh?|mm?|ss?|tt|am|a\.m\.)$/) {
    if (H < 0) return NONE
    if (name == "H" || name == "HH") return name == "H" ? H "" : two(H)
    if (name == "h" || name == "hh") return name == "h" ? half "" : two(half)
    if (name == "m" || name == "mm") return name == "m" ? MI "" : two(MI)
    if (name == "s" || name == "ss") return name == "s" ? S "" : two(S)
    if (name == "tt") return H < 12 ? "AM" : "PM"
    return name == "am" ? (H < 12 ? "am" : "pm") : H < 12 ? "a.m." : "p.m."
  }
  return Y && MO && D ? date_part(name) : NONE
}
)~"},
    {"month_end", "moment",
     "function month_end(m) { if (m == NONE) return NONE; unpack(m); if (!Y || !MO) return NONE; D = length_of(Y, MO); return "
     "packed() }\n"},
    {"add_days", "moment",
     "function add_days(m, n) { if (m == NONE) return NONE; unpack(m); if (!Y || !MO || !D) return NONE; "
     "from_day(day_number(Y, "
     "MO, D) + n); return packed() }\n"},
    {"add_months", "moment", R"~(function add_months(m, n,   most) {
  if (m == NONE) return NONE
  unpack(m); n += Y * 12 + MO - 1
  if (!Y || !MO || !D || n < 12) return NONE
  Y = div(n, 12); MO = mod(n, 12) + 1; most = length_of(Y, MO); D = D < most ? D : most
  return packed()
}
)~"},
    {"add_seconds", "moment", R"~(function add_seconds(m, n) {
  if (m == NONE) return NONE
  unpack(m); n += H * 3600 + MI * 60 + S
  if (H < 0) return NONE
  if (Y && MO && D) from_day(day_number(Y, MO, D) + div(n, 86400))
  n = mod(n, 86400); H = div(n, 3600); MI = div(n, 60) % 60; S = n % 60
  return packed()
}
)~"},
    {"weekday", "moment",
     "function weekday(m) { if (m == NONE) return NONE; unpack(m); return Y && MO && D ? weekday_of(day_number(Y, MO, D)) + 1 "
     ": "
     "NONE }\n"},
    {"less", "", "function less(a, b) { return a != NONE && b != NONE && a + 0 < b + 0 }\n"},
    {"if", "", ""},
    {"first", "", "function first(a, b) { return a == NONE ? b : a }\n"},
    {"nothing", "", "function nothing() { return NONE }\n"},
    {"is_nothing", "", "function is_nothing(a) { return a == NONE }\n"},
    {"not", "", "function not(a) { return !a }\n"},
    {"contains", "", "function contains(t, what) { return t != NONE && index(t, what) > 0 }\n"},
    {"starts", "", "function starts(t, what) { return t != NONE && substr(t, 1, length(what)) == what }\n"},
    {"ends", "",
     "function ends(t, what) { return t != NONE && length(t) >= length(what) && substr(t, length(t) - length(what) + 1) == "
     "what }\n"},
    {"equals", "", "function equals(a, b) { return a != NONE && a \"\" == b \"\" }\n"},
    {"empty", "", "function empty(t) { return t == NONE || t ~ /^[ \\t\\n\\v\\f\\r]*$/ }\n"},
    {"concat", "", "function join(a, b) { return a == NONE || b == NONE ? NONE : a b }\n"},
};

std::string Quoted(std::string_view text) { return QuotedWith("\\%03o", text, "'"); }

// Kinds of tokens as awk's regular expressions; the bytes beyond ASCII count as letters.
std::optional<std::string> Regex(std::string_view kind) {
  const std::string letters = "\\200-\\377";
  if (kind == "digits") return "[0-9]+";
  if (kind == "number") return "[0-9]+(,[0-9][0-9][0-9])*(\\\\.[0-9]+)?";
  if (kind == "letters") return "[A-Za-z" + letters + "]+";
  if (kind == "upper") return "[A-Z]+";
  if (kind == "lower") return "[a-z" + letters + "]+";
  if (kind == "capitalised") return "[A-Z][a-z" + letters + "]+";
  if (kind == "word") return "[0-9A-Za-z" + letters + "]+";
  if (kind == "space") return "[ \\t\\n\\v\\f\\r]+";
  if (kind == "nonspace") return "[^ \\t\\n\\v\\f\\r]+";
  if (kind == "marks") return "[^0-9A-Za-z" + letters + " \\t\\n\\v\\f\\r]+";
  return std::nullopt;
}

Result<std::string> Say(const Expr& e) {
  switch (e.kind) {
    case Expr::Kind::kInput:
      return Fmt("C[%d]", int(e.number));
    case Expr::Kind::kText:
      return Quoted(e.text);
    case Expr::Kind::kNumber:
      return std::to_string(e.number);
    case Expr::Kind::kOp:
      break;
  }
  const std::string name(e.op->name);
  bool known = false;
  for (const Definition& d : kLibrary) known = known || d.name == name;
  if (!known) return Error{Code::kUnsupported, "sh has no words for '" + name + "'; try --emit python or js"};
  std::vector<std::string> args;
  for (size_t i = 0; i < e.args.size(); ++i) {
    const bool kind = i == 1 && (name == "token" || name == "match" || name == "keep" || name == "initials");
    if (kind) {
      args.push_back("\"" + Regex(e.args[1].text).value_or("") + "\"");
      continue;
    }
    TRY(std::string code, Say(e.args[i]));
    args.push_back(std::move(code));
  }
  if (name == "if") return "(" + args[0] + " ? " + args[1] + " : " + args[2] + ")";
  if (name == "concat") {
    std::string out = args[0];
    for (size_t i = 1; i < args.size(); ++i) out = "join(" + out + ", " + args[i] + ")";
    return out;
  }
  std::string out = (name == "match" ? "match_" : name) + "(";
  for (size_t i = 0; i < args.size(); ++i) out += (i ? ", " : "") + args[i];
  return out + ")";
}

}  // namespace

Result<std::string> EmitSh(const SavedProgram& program) {
  TRY(const std::string body, Say(program.program));
  std::string code =
      "#!/bin/sh\n# Reads CSV with a header from standard input, writes it with the column that is computed.\nLC_ALL=C exec "
      "awk '\n";
  code += LibraryFor(program.program, kLibrary, "");
  code += "function program() { return " + body + " }\n";
  code += "BEGIN {\n  NONE = \"\\001\"; OUTPUT = " + Quoted(program.output) +
          "; INPUTS = " + std::to_string(program.inputs.size()) + "\n";
  for (size_t i = 0; i < program.inputs.size(); ++i) code += Fmt("  NAME[%zu] = ", i) + Quoted(program.inputs[i]) + "\n";
  code += R"~(}
# One row a record, quotes undone: F[1] to F[n]. A record goes on while a quote is open.
function row(line,   n, cell, more) {
  n = 0
  for (;;) {
    n++
    if (substr(line, 1, 1) == "\"") {
      cell = ""; line = substr(line, 2)
      for (;;) {
        while (!index(line, "\"") && (getline more) > 0) line = line "\n" more
        if (!index(line, "\"")) { cell = cell line; line = ""; break }
        cell = cell substr(line, 1, index(line, "\"") - 1); line = substr(line, index(line, "\"") + 1)
        if (substr(line, 1, 1) != "\"") break
        cell = cell "\""; line = substr(line, 2)
      }
      F[n] = cell; line = substr(line, 1, 1) == "," ? line : ""
    } else if (index(line, ",")) { F[n] = substr(line, 1, index(line, ",") - 1); line = substr(line, index(line, ",")) }
    else { F[n] = line; return n }
    if (line == "") return n
    line = substr(line, 2)
  }
}
function quote(c) { if (c ~ /[",\n]/) { gsub(/"/, "\"\"", c); c = "\"" c "\"" } return c }
{
  if (gsub(/"/, "\"") % 2 == 0) sub(/\r$/, "")
  n = row($0)
  if (NR == 1 && !width) {
    width = n
    for (i = 1; i <= n; i++) AT[F[i]] = i
    if (!(OUTPUT in AT)) { F[++width] = OUTPUT; AT[OUTPUT] = width }
    out = AT[OUTPUT]
  } else {
    for (i = n + 1; i <= width; i++) F[i] = ""
    for (i = 0; i < INPUTS; i++) C[i] = F[AT[NAME[i]]]
    if (F[out] == "") { answer = program(); F[out] = answer == NONE ? "" : answer }
  }
  line = quote(F[1])
  for (i = 2; i <= width; i++) line = line "," quote(F[i])
  print line
}
')~";
  return code + "\n";
}

}  // namespace hasten::solve
