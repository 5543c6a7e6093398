// sh: numbers. awk computes with binary fractions, programs with decimal ones (decimal.h): whole numbers are texts of digits
// here, added and multiplied seven digits at a time, so that what is carried stays below 2^53 and exact.
#include "solve/lang/emit_sh_library.h"

namespace hasten::solve {

static constexpr Definition kNumbers[] = {
    {"value", "", "function value(t) { sub(/^0+/, \"\", t); return t + 0 }\n"},
    {"whole", "", R"~(# A whole number up to a million in size, as awk counts.
function whole(n) { return n !~ /^-?[0-9]+$/ || length(n) > 8 || n + 0 > 1000000 || n + 0 < -1000000 ? NONE : n + 0 }
)~"},
    {"digits", "value repeated none", R"~(# Digits: at least one, no sign, the first of several not 0.
function bare(a) { sub(/^0+/, "", a); return a == "" ? "0" : a }
function above(a, b) { return length(a) == length(b) ? a "" > b "" : length(a) > length(b) }
function last7(a) { return value(length(a) > 7 ? substr(a, length(a) - 6) : a) }
function but7(a) { return length(a) > 7 ? substr(a, 1, length(a) - 7) : "" }
function sum(a, b,   n, out) {
  out = ""
  for (n = 0; a != "" || b != "" || n; n = int(n / 1e7)) {
    n += last7(a) + last7(b); out = sprintf("%07d", n % 1e7) out; a = but7(a); b = but7(b)
  }
  return bare(out)
}
function difference(a, b,   n, out) {
  out = ""
  for (n = 0; a != ""; n = n < 0 ? -1 : 0) {
    n += last7(a) - last7(b); out = sprintf("%07d", n < 0 ? n + 1e7 : n) out; a = but7(a); b = but7(b)
  }
  return bare(out)
}
function multiple(a, k,   n, out) {
  out = ""
  for (n = 0; a != "" || n; n = int(n / 1e7)) { n += last7(a) * k; out = sprintf("%07d", n % 1e7) out; a = but7(a) }
  return bare(out)
}
function product(a, b,   zeros, out) {
  out = "0"
  for (zeros = ""; a != ""; a = but7(a)) { out = sum(out, multiple(b, last7(a)) zeros); zeros = zeros "0000000" }
  return out
}
# Seven digits a step, guessed by awk and put right. The remainder is in REST.
function quotient(a, b,   size, guess, taken, out) {
  for (REST = out = ""; a != ""; a = substr(a, size + 1)) {
    size = length(a) % 7 ? length(a) % 7 : 7
    REST = bare(REST substr(a, 1, size)); guess = int(REST / b); taken = multiple(b, guess)
    while (above(taken, REST)) { guess--; taken = difference(taken, b) }
    REST = difference(REST, taken)
    while (!above(b, REST)) { guess++; REST = difference(REST, b) }
    out = out sprintf("%07d", guess)
  }
  return bare(out)
}
)~"},
    {"decimal", "digits", R"~(# Numbers: "-12.50" has the mantissa -1250 and the scale 2; no 0 has a sign.
BEGIN { MOST = "1329227995784915872903807060280344576"; TENTH = "132922799578491587290380706028034457" }
function negative(n) { return n ~ /^-/ }
function magnitude(n) { sub(/^-/, "", n); return n }
function with_sign(below, n) { return (below && n ~ /[1-9]/ ? "-" : "") n }
function negated(n) { return with_sign(!negative(n), magnitude(n)) }
function scale(n) { return index(n, ".") ? length(n) - index(n, ".") : 0 }
function mantissa(n) { sub(/[.]/, "", n); return with_sign(negative(n), bare(magnitude(n))) }
function decimal(m, places,   d) {
  d = magnitude(m); d = repeated("0", places + 1 - length(d)) d
  return with_sign(negative(m), substr(d, 1, length(d) - places) (places ? "." substr(d, length(d) - places + 1) : ""))
}
function trimmed(n, least) {
  while (scale(n) > least && n ~ /0$/) n = substr(n, 1, length(n) - 1)
  sub(/[.]$/, "", n)
  return n
}
# Mantissas have limits: what would not fit there is none here.
function grown(m, zeros) {
  if (m == "0" || zeros <= 0) return m
  if (length(m) + zeros > 40 || above(magnitude(m) repeated("0", zeros - 1), TENTH)) return NONE
  return m repeated("0", zeros)
}
# Both with one scale: the mantissas LEFT and RIGHT.
function align(a, b) {
  a = trimmed(a, 0); b = trimmed(b, 0); SCALE = scale(a) > scale(b) ? scale(a) : scale(b)
  LEFT = grown(mantissa(a), SCALE - scale(a)); RIGHT = grown(mantissa(b), SCALE - scale(b))
  return !none(LEFT, RIGHT)
}
function total(a, b) {
  if (negative(a) == negative(b)) return with_sign(negative(a), sum(magnitude(a), magnitude(b)))
  if (above(magnitude(b), magnitude(a))) return with_sign(negative(b), difference(magnitude(b), magnitude(a)))
  return with_sign(negative(a), difference(magnitude(a), magnitude(b)))
}
)~"},
    {"times_ten", "decimal", R"~(function times_ten(n, k) {
  if (none(n, k) || k <= -40 || k >= 40) return NONE
  return moved_point(n, k)
}
function moved_point(n, k,   m, places) {
  m = mantissa(n); places = scale(n) - k
  if (places < 0) { m = grown(m, -places); places = 0 }
  return m == NONE || places > 30 ? NONE : decimal(m, places)
}
)~"},
    {"parse", "times_ten", R"~(BEGIN { HUNDREDTH = "13292279957849158729038070602803445" }
function parse(t,   below, power, front, back, m) {
  if (t !~ /^[-+]?[0-9,]*([.][0-9]*)?([eE][-+]?[0-9]+)?$/) return NONE
  below = negative(t); power = back = ""
  sub(/^[-+]/, "", t)
  if (match(t, /[eE]/)) { power = substr(t, RSTART + 1); t = substr(t, 1, RSTART - 1) }
  if (match(t, /[.]/)) { back = substr(t, RSTART + 1); t = substr(t, 1, RSTART - 1) }
  front = t
  if (front ~ /,/ && front !~ /^[0-9][0-9]?[0-9]?(,[0-9][0-9]?[0-9]?)*,[0-9][0-9][0-9]$/) return NONE
  gsub(/,/, "", front); m = front back
  if (m == "" || length(back) > 30 || above(bare(substr(m, 1, length(m) - 1)), HUNDREDTH)) return NONE
  m = decimal(with_sign(below, bare(m)), length(back))
  if (power == "") return m
  below = negative(power); sub(/^[-+]/, "", power); power = above(bare(power), "1000") ? 1000 : value(power)
  return moved_point(m, below ? -power : power)
}
)~"},
    {"number", "tokens parse trim",
     R"~(# The k-th of the tokens, with its sign where one stands before it that is no dash in a word.
function signed_token(t, k,   from) {
  from = B[k]
  if (from && substr(t, from, 1) == "-" && (from == 1 || substr(t, from - 1, 1) !~ /[0-9A-Za-z\200-\377]/)) from--
  return parse(substr(t, from + 1, E[k] - from))
}
function number(t, k,   n) {
  if (none(t, k)) return NONE
  n = k == 1 || k == -1 ? parse(trim(t)) : NONE
  if (n != NONE) return n
  k = kth(tokens(t, "number"), k)
  return k ? signed_token(t, k) : NONE
}
)~"},
    {"plus", "decimal",
     "function plus(a, b) { return none(a, b) || !align(a, b) ? NONE : decimal(total(LEFT, RIGHT), SCALE) }\n"},
    {"minus", "plus", "function minus(a, b) { return none(a, b) ? NONE : plus(a, negated(b)) }\n"},
    {"times", "decimal", R"~(function times(a, b,   m, n) {
  if (none(a, b)) return NONE
  a = trimmed(a, 0); b = trimmed(b, 0); m = product(magnitude(mantissa(a)), magnitude(mantissa(b)))
  n = trimmed(decimal(with_sign(negative(a) != negative(b), m), scale(a) + scale(b)), 0)
  return above(m, MOST) || scale(n) > 30 ? NONE : n
}
)~"},
    {"over", "decimal", R"~(function over(a, b,   m, n, zeros) {
  if (none(a, b)) return NONE
  a = trimmed(a, 0); b = trimmed(b, 0); zeros = 12 + scale(b) - scale(a)
  m = grown(mantissa(a), zeros); n = grown(mantissa(b), -zeros)
  if (none(m, n) || n == "0") return NONE
  m = quotient(magnitude(m), magnitude(n))
  if (!above(magnitude(n), sum(REST, REST))) m = sum(m, "1")
  return trimmed(decimal(with_sign(negative(a) != negative(b), m), 12), 0)
}
)~"},
    {"remainder", "decimal", R"~(function remainder(a, b) {
  if (none(a, b) || !align(a, b) || RIGHT == "0" || negative(RIGHT)) return NONE
  quotient(magnitude(LEFT), RIGHT)
  if (negative(LEFT) && REST != "0") REST = difference(RIGHT, REST)
  return trimmed(decimal(REST, SCALE), 0)
}
)~"},
    {"less", "decimal", R"~(function approximately(n) { return mantissa(n) / ("1" repeated("0", scale(n))) }
function less(a, b) {
  if (none(a, b)) return NONE
  return align(a, b) ? negative(total(LEFT, negated(RIGHT))) : approximately(a) < approximately(b)
}
)~"},
    {"larger", "less", "function larger(a, b) { return none(a, b) ? NONE : less(a, b) ? b : a }\n"},
    {"smaller", "less", "function smaller(a, b) { return none(a, b) ? NONE : less(b, a) ? b : a }\n"},
    {"numbers", "number plus over larger smaller", R"~(function numbers(t, how,   n, i, all, next_) {
  n = tokens(t, "number")
  if (none(n, how) || !n) return NONE
  for (i = 1; i <= n; i++) {
    next_ = signed_token(t, i)
    all = i == 1 ? next_ : how == "largest" ? larger(all, next_) : how == "smallest" ? smaller(all, next_) : plus(all, next_)
  }
  return how == "average" ? over(all, n) : all
}
)~"},
    {"round", "plus", R"~(# The multiple of `unit` plus `offset`: half away from zero, towards minus or plus infinity.
function round_to(n, unit, offset, mode,   m, below, more) {
  n = plus(n, negated(offset))
  if (n == NONE || !align(n, unit) || RIGHT == "0" || negative(RIGHT)) return NONE
  below = negative(LEFT); m = quotient(magnitude(LEFT), RIGHT)
  more = mode == "down" ? below && REST != "0" : mode == "up" ? !below && REST != "0" : !above(RIGHT, sum(REST, REST))
  n = decimal(with_sign(below, product(more ? sum(m, "1") : m, RIGHT)), SCALE)
  if (offset ~ /[1-9]/) n = plus(n, offset)
  return n == NONE ? NONE : trimmed(n, scale(unit))
}
function finer(n, places) { return decimal(mantissa(n), scale(n) + places) }
function round(n, unit, offset, places, mode) {
  if (none(n, unit, offset, places, mode) || places < 0 || places > 20) return NONE
  return round_to(n, finer(unit, places), finer(offset, places), mode)
}
)~"},
    {"format", "round", R"~(function format(n, least, most, width, grouping,   i, j, front, back, group, point, fewer) {
  if (none(n, least, most, width, grouping) || least < -1 || least > 30 || most < 0 || width < 0 || width > 1000) return NONE
  if (least >= 0) n = trimmed(n, 0)
  if (scale(n) > most) {
    fewer = round_to(n, decimal("1", most), "0", "nearest"); n = fewer == NONE ? n : fewer
    if (least >= 0) n = trimmed(n, 0)
  }
  i = index(n ".", "."); front = magnitude(substr(n, 1, i - 1)); back = substr(n, i + 1)
  back = back repeated("0", least - length(back)); front = repeated("0", width - length(front)) front
  if (width == 0 && front == "0" && back != "") front = ""
  group = ","; point = "."; i = index(grouping, ":"); j = i ? index(substr(grouping, i + 1), ":") : 0
  if (j) { group = substr(grouping, i + 1, j - 1); point = substr(grouping, i + j + 1) }
  if (i) grouping = substr(grouping, 1, i - 1)
  if (grouping == "thousands" || grouping == "indian")
    for (i = length(front) - 3; i > 0; i -= grouping == "indian" ? 2 : 3) front = substr(front, 1, i) group substr(front, i + 1)
  return (negative(n) ? "-" : "") front (back == "" ? "" : point back)
}
)~"},
    {"ordinal", "none", R"~(function ordinal(n) {
  if (n == NONE || n ~ /[-.]/) return NONE
  return n (n ~ /1.$/ ? "th" : n ~ /1$/ ? "st" : n ~ /2$/ ? "nd" : n ~ /3$/ ? "rd" : "th")
}
)~"},
    {"roman", "none", R"~(function roman(n,   i, out, letters) {
  if (n == NONE || n < 1 || n > 3999) return NONE
  split("1000 M 900 CM 500 D 400 CD 100 C 90 XC 50 L 40 XL 10 X 9 IX 5 V 4 IV 1 I", letters, " "); out = ""
  for (i = 1; n > 0; i += 2) for (; n >= letters[i] + 0; n -= letters[i]) out = out letters[i + 1]
  return out
}
)~"},
    {"signed", "none", "function signed(t) { return none(t) || t == \"\" ? NONE : (t ~ /^-/ ? \"\" : \"+\") t }\n"},
};

std::span<const Definition> ShNumbers() { return kNumbers; }

}  // namespace hasten::solve
