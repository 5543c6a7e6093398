#include "solve/lang/slia.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <string>

namespace hasten::solve {

static int32_t Signed(Word w) { return int32_t(w); }

static bool Fits(int64_t value, Word* result) {
  *result = Word(int32_t(value));
  return value >= std::numeric_limits<int32_t>::min() && value <= std::numeric_limits<int32_t>::max();
}

// Results longer than this serve no example anyone wrote, and would let
// doubling concatenations eat the memory.
static constexpr size_t kLongest = 4096;

static bool Concat(StringPool& pool, const Word* args, Word* result) {
  const std::string_view a = pool[args[0]], b = pool[args[1]];
  if (a.size() + b.size() > kLongest) return false;
  char* const out = pool.Scratch(a.size() + b.size() + 1);
  std::memcpy(out, a.data(), a.size());
  std::memcpy(out + a.size(), b.data(), b.size());
  *result = pool.Intern({out, a.size() + b.size()});
  return true;
}

static bool Replace(StringPool& pool, const Word* args, Word* result) {
  const std::string_view s = pool[args[0]], from = pool[args[1]], to = pool[args[2]];
  if (from.empty() || s.size() + to.size() > kLongest) return false;
  const size_t at = s.find(from);
  if (at == std::string_view::npos) {
    *result = args[0];
    return true;
  }
  const size_t rest = at + from.size(), size = s.size() - from.size() + to.size();
  char* const out = pool.Scratch(size + 1);
  std::memcpy(out, s.data(), at);
  std::memcpy(out + at, to.data(), to.size());
  std::memcpy(out + at + to.size(), s.data() + rest, s.size() - rest);
  *result = pool.Intern({out, size});
  return true;
}

static bool ReplaceAll(StringPool& pool, const Word* args, Word* result) {
  const std::string_view s = pool[args[0]], from = pool[args[1]], to = pool[args[2]];
  if (from.empty()) return false;
  char* const out = pool.Scratch(kLongest);
  size_t size = 0;
  const auto append = [&](std::string_view text) {
    if (text.size() > kLongest - size) return false;
    std::copy(text.begin(), text.end(), out + size);
    size += text.size();
    return true;
  };
  size_t at = 0;
  for (size_t hit; (hit = s.find(from, at)) != std::string_view::npos; at = hit + from.size()) {
    if (!append(s.substr(at, hit - at)) || !append(to)) return false;
  }
  if (!append(s.substr(at))) return false;
  *result = pool.Intern({out, size});
  return true;
}

static bool At(StringPool& pool, const Word* args, Word* result) {
  const std::string_view s = pool[args[0]];
  const int64_t at = Signed(args[1]);
  *result = at < 0 || at >= int64_t(s.size()) ? 0 : pool.Intern(s.substr(size_t(at), 1));
  return true;
}

static bool Substr(StringPool& pool, const Word* args, Word* result) {
  const std::string_view s = pool[args[0]];
  const int64_t at = Signed(args[1]), count = Signed(args[2]);
  if (at < 0 || at >= int64_t(s.size()) || count <= 0) {
    *result = 0;
  } else if (at == 0 && count >= int64_t(s.size())) {
    *result = args[0];
  } else {
    *result = pool.Intern(s.substr(size_t(at), size_t(count)));
  }
  return true;
}

static bool FromInt(StringPool& pool, const Word* args, Word* result) {
  char digits[16];
  const int32_t value = Signed(args[0]);
  *result = value < 0 ? 0 : pool.Intern({digits, size_t(std::to_chars(digits, digits + 16, value).ptr - digits)});
  return true;
}

static bool Ite(StringPool&, const Word* args, Word* result) {
  *result = args[0] ? args[1] : args[2];
  return true;
}

static bool Len(StringPool& pool, const Word* args, Word* result) {
  *result = Word(pool[args[0]].size());
  return true;
}

static bool ToInt(StringPool& pool, const Word* args, Word* result) {
  const std::string_view s = pool[args[0]];
  *result = Word(-1);
  if (s.empty() || !std::all_of(s.begin(), s.end(), [](char c) { return c >= '0' && c <= '9'; })) return true;
  int64_t value = 0;
  for (const char c : s) {
    value = value * 10 + (c - '0');
    if (value > std::numeric_limits<int32_t>::max()) return false;
  }
  return Fits(value, result);
}

static bool IndexOf(StringPool& pool, const Word* args, Word* result) {
  const std::string_view s = pool[args[0]], what = pool[args[1]];
  const int64_t from = Signed(args[2]);
  if (what.empty()) return false;
  const size_t at = from < 0 || from > int64_t(s.size()) ? std::string_view::npos : s.find(what, size_t(from));
  *result = at == std::string_view::npos ? Word(-1) : Word(at);
  return true;
}

static bool Add(StringPool&, const Word* a, Word* r) { return Fits(int64_t(Signed(a[0])) + Signed(a[1]), r); }
static bool Sub(StringPool&, const Word* a, Word* r) { return Fits(int64_t(Signed(a[0])) - Signed(a[1]), r); }
static bool Mul(StringPool&, const Word* a, Word* r) { return Fits(int64_t(Signed(a[0])) * Signed(a[1]), r); }
static bool Neg(StringPool&, const Word* a, Word* r) { return Fits(-int64_t(Signed(a[0])), r); }
static bool Equal(StringPool&, const Word* a, Word* r) { return *r = a[0] == a[1], true; }
static bool Less(StringPool&, const Word* a, Word* r) { return *r = Signed(a[0]) < Signed(a[1]), true; }
static bool LessEqual(StringPool&, const Word* a, Word* r) { return *r = Signed(a[0]) <= Signed(a[1]), true; }
static bool Greater(StringPool&, const Word* a, Word* r) { return *r = Signed(a[0]) > Signed(a[1]), true; }
static bool GreaterEqual(StringPool&, const Word* a, Word* r) { return *r = Signed(a[0]) >= Signed(a[1]), true; }
static bool Not(StringPool&, const Word* a, Word* r) { return *r = !a[0], true; }
static bool And(StringPool&, const Word* a, Word* r) { return *r = a[0] & a[1], true; }
static bool Or(StringPool&, const Word* a, Word* r) { return *r = a[0] | a[1], true; }
static bool Xor(StringPool&, const Word* a, Word* r) { return *r = a[0] ^ a[1], true; }
static bool Implies(StringPool&, const Word* a, Word* r) { return *r = Word(a[0] == 0) | a[1], true; }
static bool PrefixOf(StringPool& p, const Word* a, Word* r) { return *r = p[a[1]].starts_with(p[a[0]]), true; }
static bool SuffixOf(StringPool& p, const Word* a, Word* r) { return *r = p[a[1]].ends_with(p[a[0]]), true; }
static bool Contains(StringPool& p, const Word* a, Word* r) {
  return *r = p[a[0]].find(p[a[1]]) != std::string_view::npos, true;
}
static bool StringLess(StringPool& p, const Word* a, Word* r) { return *r = p[a[0]] < p[a[1]], true; }
static bool StringLessEqual(StringPool& p, const Word* a, Word* r) { return *r = p[a[0]] <= p[a[1]], true; }
static bool IsDigit(StringPool& p, const Word* a, Word* r) {
  const std::string_view s = p[a[0]];
  return *r = s.size() == 1 && s[0] >= '0' && s[0] <= '9', true;
}

std::span<const SliaOp> SliaOps() {
  constexpr Sort S = Sort::kString, I = Sort::kInt, B = Sort::kBool;
  static constexpr SliaOp kOps[] = {
      {"str.++", "", S, 2, {S, S, S}, true, false, Concat, 2},
      {"str.replace", "", S, 3, {S, S, S}, false, false, Replace, 1},
      {"str.at", "", S, 2, {S, I, S}, false, false, At, 1},
      {"str.substr", "", S, 3, {S, I, I}, false, false, Substr, 1},
      {"str.from_int", "int.to.str", S, 1, {I, I, I}, false, false, FromInt, 2},
      {"ite", "", S, 3, {B, S, S}, false, false, Ite, 4},
      {"str.len", "", I, 1, {S, S, S}, false, false, Len, 1},
      {"str.to_int", "str.to.int", I, 1, {S, S, S}, false, false, ToInt, 2},
      {"str.indexof", "", I, 3, {S, S, I}, false, false, IndexOf, 1},
      {"+", "", I, 2, {I, I, I}, true, true, Add, 1},
      {"-", "", I, 2, {I, I, I}, false, false, Sub, 1},
      {"ite", "", I, 3, {B, I, I}, false, false, Ite, 4},
      {"ite", "", B, 3, {B, B, B}, false, false, Ite, 4},
      {"str.replace_all", "str.replaceall", S, 3, {S, S, S}, false, false, ReplaceAll, 1},
      {"*", "", I, 2, {I, I, I}, true, true, Mul, 2},
      {"-", "", I, 1, {I, I, I}, false, false, Neg, 1},
      {"=", "", B, 2, {S, S, S}, false, true, Equal, 1},
      {"=", "", B, 2, {I, I, I}, false, true, Equal, 1},
      {"=", "", B, 2, {B, B, B}, false, true, Equal, 1},
      {"<", "", B, 2, {I, I, I}, false, false, Less, 1},
      {"<=", "", B, 2, {I, I, I}, false, false, LessEqual, 1},
      {">", "", B, 2, {I, I, I}, false, false, Greater, 1},
      {">=", "", B, 2, {I, I, I}, false, false, GreaterEqual, 1},
      {"not", "", B, 1, {B, B, B}, false, false, Not, 1},
      {"and", "", B, 2, {B, B, B}, true, true, And, 1},
      {"or", "", B, 2, {B, B, B}, true, true, Or, 1},
      {"xor", "", B, 2, {B, B, B}, true, true, Xor, 1},
      {"=>", "", B, 2, {B, B, B}, false, false, Implies, 1},
      {"str.prefixof", "", B, 2, {S, S, S}, false, false, PrefixOf, 1},
      {"str.suffixof", "", B, 2, {S, S, S}, false, false, SuffixOf, 1},
      {"str.contains", "", B, 2, {S, S, S}, false, false, Contains, 1},
      {"str.<", "", B, 2, {S, S, S}, false, false, StringLess, 1},
      {"str.<=", "", B, 2, {S, S, S}, false, false, StringLessEqual, 1},
      {"str.is_digit", "", B, 1, {S, S, S}, false, false, IsDigit, 1},
  };
  return kOps;
}

const SliaOp* FindSliaOp(std::string_view name, std::span<const Sort> args) {
  for (const SliaOp& op : SliaOps()) {
    if (op.name != name && (op.old_name.empty() || op.old_name != name)) continue;
    if (args.size() != op.arity && !(op.associative && args.size() > op.arity)) continue;
    bool fits = true;
    for (size_t i = 0; i < args.size() && fits; ++i) fits = args[i] == op.args[std::min(i, size_t(2))];
    if (fits) return &op;
  }
  return nullptr;
}

}  // namespace hasten::solve
