// sh: dates and times. A moment is its parts with SUBSEP between, unpacked into Y, MO, D (0: not said), H (-1: not said), MI
// and S.
#include "solve/lang/emit_sh_library.h"

namespace hasten::solve {

static constexpr Definition kDates[] = {
    {"moment", "none value", R"~(BEGIN {
  MONTHS = "january february march april may june july august september october november december"
  DAYS = "monday tuesday wednesday thursday friday saturday sunday"
}
function numeral(t) { return t ~ /^[0-9]+$/ }
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
function unpack(m,   said) {
  split(m, said, SUBSEP)
  Y = said[1] + 0; MO = said[2] + 0; D = said[3] + 0; H = said[4] + 0; MI = said[5] + 0; S = said[6] + 0
}
function dated() { return Y && MO && D }
function small(i) { return i <= N && numeral(W[i]) && length(W[i]) <= 2 && value(W[i]) <= 59 }
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
      if (order == "minutes and seconds") { H = 0; MI = value(W[i]); S = value(W[end + 1]); end += 2 }
      else {
        H = value(W[i]); MI = value(W[end + 1]); end += 2
        if (W[end] == ":" && small(end + 1)) { S = value(W[end + 1]); end += 2; if (W[end] == "." && numeral(W[end + 1])) end += 2 }
      }
      if (H > 23) return 0
      noon(end)
      if (AFTER) end = AFTER
      z = end + (W[end] == " ")
      if (W[z] == "Z" || W[z] == "UTC" || W[z] == "GMT") end = z + 1
      if ((W[z] == "+" || (W[z] == "-" && z == end)) && numeral(W[z + 1])) {
        if (W[z + 2] == ":" && small(z + 3)) end = z + 4
        else if (length(W[z + 1]) == 4) end = z + 2
      }
    } else {
      noon(end)
      if (!HALF) continue
      H = value(W[i]); end = AFTER
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
function year4(t) { return length(t) == 4 && value(t) >= 1000 }
function year(t) { Y = value(t) + (length(t) > 2 ? 0 : value(t) < 50 ? 2000 : 1900); return length(t) == 2 || year4(t) }
function month_day(mo, d) { MO = value(mo); D = value(d); return MO >= 1 && MO <= 12 && D >= 1 && D <= 31 }
function read_date(n, marks, month, day, week, order,   a, b, c, n1, n2, early, front, back) {
  a = A[1]; b = A[2]; c = A[3]; n1 = value(a); n2 = value(b)
  if (week) return n == 2 && year4(a) && n2 >= 1 && n2 <= 53 && from_day(iso_monday(n1) + 7 * (n2 - 1) + (day ? day - 1 : 0))
  if (month && index(marks, "#")) {
    if (n != 2 || !day || !year4(b) || n1 < 1 || n1 > 5) return 0
    front = day_number(n2, month, 1)
    return from_day(front + mod(day - 1 - weekday_of(front), 7) + 7 * (n1 - 1)) && MO == month
  }
  if (month && n == 2) {
    early = year4(a)
    return year(early ? a : b) && length(early ? b : a) <= 4 && month_day(month, early ? b : a)
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
    if (year4(a) && marks == " " && n2 >= 1 && n2 <= 365 + leap(n1)) return from_day(day_number(n1, 1, 1) + n2 - 1)
    if (year4(a) && length(b) == 2 && n2 >= 1 && n2 <= 12) { MO = n2; return year(a) }
    if (year4(b) && length(a) <= 2 && n1 >= 1 && n1 <= 12) { MO = n1; return year(b) }
    return (marks == "/" || marks == "-" || marks == ".") && length(a) <= 2 && length(b) <= 2 &&
           (order == "day first" ? month_day(b, a) : month_day(a, b))
  }
  if (n != 1 || day) return 0
  if (order == "hours" && length(a) <= 2 && n1 < 24) { H = n1; return 1 }
  if (order == "hours and minutes" && (length(a) == 3 || length(a) == 4)) {
    H = div(n1, 100); MI = n1 % 100
    return H < 24 && MI < 60
  }
  if (length(a) == 8 || (length(a) == 7 && order == "month first")) {
    front = div(n1, 10000); back = n1 % 10000
    if (order == "year first") { Y = front; return front >= 1000 && month_day(div(back, 100), back % 100) }
    Y = back
    return back >= 1000 && (order == "day first" ? month_day(front % 100, div(front, 100)) : month_day(div(front, 100), front % 100))
  }
  return order == "year first" && year4(a) && year(a)
}
# Tokens W[1] to W[N] as a moment: into Y, MO, D (0: not said), H (-1: not said), MI, S.
function read_moment(order,   i, n, marks, month, day, week, l, k) {
  Y = MO = D = MI = S = 0; H = -1
  if (!read_time(order)) return 0
  if (N && !((numeral(W[1]) || word(W[1])) && (numeral(W[N]) || word(W[N])))) return 0
  n = month = day = week = 0; marks = ""
  split("", A)
  for (i = 1; i <= N; i++) {
    l = tolower(W[i])
    if (numeral(l)) { if (length(l) > 8) return 0; A[++n] = l }
    else if (!word(l)) { if (!index(" ,-/.#\047", l)) return 0; marks = marks l }
    else if (!month && (k = named(l, MONTHS))) month = k
    else if (!day && (k = named(l, DAYS))) day = k
    else if (l == "w" && i < N) week = 1
    else if (!(i > 1 && numeral(W[i - 1]) && (l == "st" || l == "nd" || l == "rd" || l == "th")) && l != "of") return 0
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
  if (none(t, k, order)) return NONE
  if (k == 1 || k == -1) {
    n = t; gsub(/^[\001-\040]+|[\001-\040]+$/, "", n); n = tokenise(substr(n, 1, 120)); window(1, n)
    if (n && n <= 20 && read_moment(order)) return packed()
  }
  n = tokenise(substr(t, 1, 2000)); found = 0
  for (i = 1; i <= n; i = next_i) {
    next_i = i + 1
    if (!(numeral(T[i]) || named(T[i], MONTHS) || named(T[i], DAYS))) continue
    for (end = i + 19 < n ? i + 19 : n; end > i; end--) {
      if (!numeral(T[end]) && !word(T[end])) continue
      window(i, end)
      if (read_moment(order) && (dated() || H >= 0)) { FOUND[++found] = packed(); next_i = end + 1; break }
    }
  }
  k = k < 0 ? found + 1 + k : k
  return k >= 1 && k <= found ? FOUND[k] : NONE
}
)~"},
    {"bucket", "moment", R"~(function bucket(m, minutes, offset, shift,   start, moved) {
  if (none(m, minutes, offset, shift) || minutes <= 0) return NONE
  unpack(m)
  if (H < 0) return NONE
  start = div(H * 60 + MI - offset, minutes) * minutes + offset + shift; moved = div(start, 1440); start -= 1440 * moved
  if (moved && dated()) from_day(day_number(Y, MO, D) + moved)
  H = div(start, 60); MI = start % 60; S = 0
  return packed()
}
)~"},
    {"part", "moment", R"~(function padded(n, width) { n = n ""; while (length(n) < width) n = "0" n; return n }
function called(names, i,   list) { split(names, list, " "); return toupper(substr(list[i], 1, 1)) substr(list[i], 2) }
function date_part(name,   n, iso, nth) {
  n = day_number(Y, MO, D); nth = n - day_number(Y, 1, 1) + 1
  if (name == "ddd") return substr(called(DAYS, weekday_of(n) + 1), 1, 3)
  if (name == "dddd") return called(DAYS, weekday_of(n) + 1)
  if (name == "year day") return nth ""
  if (name == "year day 3") return padded(nth, 3)
  for (iso = Y + 1; n < iso_monday(iso); iso--);
  if (name == "week year") return iso ""
  n = div(n - iso_monday(iso), 7) + 1
  return name == "ww" ? padded(n, 2) : n ""
}
function part(m, name,   half) {
  if (none(m, name)) return NONE
  unpack(m); half = (H + 11) % 12 + 1
  if (name == "yyyy" || name == "yy") return !Y ? NONE : name == "yy" ? padded(Y % 100, 2) : padded(Y, 4)
  if (name == "q") return MO ? div(MO + 2, 3) "" : NONE
  if (name == "half") return MO ? (MO > 6 ? "2" : "1") : NONE
  if (name ~ /^M/) return !MO ? NONE : name == "M" ? MO "" : name == "MM" ? padded(MO, 2) : name == "MMM" ? substr(called(MONTHS, MO), 1, 3) : called(MONTHS, MO)
  if (name == "d") return D ? D "" : NONE
  if (name == "dd") return D ? padded(D, 2) : NONE
  if (name == "do") return !D ? NONE : D (div(D, 10) == 1 || D % 10 == 0 || D % 10 > 3 ? "th" : substr("stndrd", D % 10 * 2 - 1, 2))
  if (name == "month week") return D ? div(D + 6, 7) "" : NONE
  if (name ~ /^(HH?|hh?|mm?|ss?|tt|am|a\.m\.)$/) {
    if (H < 0) return NONE
    if (name == "H" || name == "HH") return name == "H" ? H "" : padded(H, 2)
    if (name == "h" || name == "hh") return name == "h" ? half "" : padded(half, 2)
    if (name == "m" || name == "mm") return name == "m" ? MI "" : padded(MI, 2)
    if (name == "s" || name == "ss") return name == "s" ? S "" : padded(S, 2)
    if (name == "tt") return H < 12 ? "AM" : "PM"
    return name == "am" ? (H < 12 ? "am" : "pm") : H < 12 ? "a.m." : "p.m."
  }
  return dated() ? date_part(name) : NONE
}
)~"},
    {"days", "moment", R"~(# Of two moments: days from the first to the second; the first is what is left unpacked.
function days(a, b,   n) {
  if (none(a, b)) return NONE
  unpack(b)
  if (!dated()) return NONE
  n = day_number(Y, MO, D); unpack(a)
  return dated() ? n - day_number(Y, MO, D) : NONE
}
)~"},
    {"months", "moment", R"~(function months(a, b,   n, d) {
  if (none(a, b)) return NONE
  unpack(b); n = Y * 12 + MO; d = D
  if (!dated()) return NONE
  unpack(a)
  return dated() ? n - Y * 12 - MO - (d < D) : NONE
}
)~"},
    {"years", "moment", R"~(function years(a, b,   n, d) {
  if (none(a, b)) return NONE
  unpack(b); n = Y; d = MO * 32 + D
  if (!dated()) return NONE
  unpack(a)
  return dated() ? n - Y - (d < MO * 32 + D) : NONE
}
)~"},
    {"second_of_day", "moment", R"~(function of_day() { return H * 3600 + MI * 60 + S }
function second_of_day(m) { if (m == NONE) return NONE; unpack(m); return H < 0 ? NONE : sprintf("%.0f", of_day()) }
)~"},
    {"seconds", "days second_of_day", R"~(function seconds(a, b,   from, to, moved) {
  from = second_of_day(a); to = second_of_day(b)
  if (none(from, to)) return NONE
  moved = days(a, b); to -= from
  return sprintf("%.0f", moved != NONE ? to + 86400 * moved : to < 0 ? to + 86400 : to)
}
)~"},
    {"weekday", "moment",
     "function weekday(m) { if (m == NONE) return NONE; unpack(m); return dated() ? weekday_of(day_number(Y, MO, D)) + 1 : "
     "NONE "
     "}\n"},
    {"clock", "moment times round", R"~(function clock(n, unit) {
  if (none(n, unit) || unit <= 0) return NONE
  n = times(n, unit); n = n == NONE ? NONE : round_to(n, "1", "0", "down")
  if (n == NONE || negative(n) || above(n, "1000000000")) return NONE
  n += 0; Y = MO = D = 0; H = div(n, 3600); MI = div(n, 60) % 60; S = n % 60
  return packed()
}
)~"},
    {"month_end", "moment",
     "function month_end(m) { if (m == NONE) return NONE; unpack(m); if (!Y || !MO) return NONE; D = length_of(Y, MO); "
     "return "
     "packed() }\n"},
    {"add_days", "moment", R"~(function add_days(m, n) {
  if (none(m, n)) return NONE
  unpack(m)
  if (!dated()) return NONE
  from_day(day_number(Y, MO, D) + n)
  return packed()
}
)~"},
    {"add_months", "moment", R"~(function add_months(m, n,   most) {
  if (none(m, n)) return NONE
  unpack(m); n += Y * 12 + MO - 1
  if (!dated() || n < 12) return NONE
  Y = div(n, 12); MO = mod(n, 12) + 1; most = length_of(Y, MO); D = D < most ? D : most
  return packed()
}
)~"},
    {"add_seconds", "second_of_day", R"~(function add_seconds(m, n) {
  if (none(m, n)) return NONE
  unpack(m)
  if (H < 0) return NONE
  n += of_day()
  if (dated()) from_day(day_number(Y, MO, D) + div(n, 86400))
  n = mod(n, 86400); H = div(n, 3600); MI = div(n, 60) % 60; S = n % 60
  return packed()
}
)~"},
};

std::span<const Definition> ShDates() { return kDates; }

}  // namespace hasten::solve
