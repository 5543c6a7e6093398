#include "solve/lang/slia.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <string>

namespace hasten::solve {

static int32_t Signed(Word w) { return int32_t(w); }

static bool Fits(int64_t value, Made* made) {
  made->word = Word(int32_t(value));
  return value >= std::numeric_limits<int32_t>::min() && value <= std::numeric_limits<int32_t>::max();
}

static constexpr size_t kLongest = Made::kLongest;

static bool Concat(const StringPool& pool, const Word* args, Made* made) {
  const std::string_view a = pool[args[0]], b = pool[args[1]];
  if (a.size() + b.size() > kLongest) return false;
  made->Begin();
  made->Append(a);
  made->Append(b);
  return true;
}

static bool Replace(const StringPool& pool, const Word* args, Made* made) {
  const std::string_view s = pool[args[0]], from = pool[args[1]], to = pool[args[2]];
  if (from.empty() || s.size() + to.size() > kLongest) return false;
  const size_t at = s.find(from);
  if (at == std::string_view::npos) return made->Is(s);
  made->Begin();
  made->Append(s.substr(0, at));
  made->Append(to);
  made->Append(s.substr(at + from.size()));
  return true;
}

static bool ReplaceAll(const StringPool& pool, const Word* args, Made* made) {
  const std::string_view s = pool[args[0]], from = pool[args[1]], to = pool[args[2]];
  if (from.empty()) return false;
  made->Begin();
  size_t at = 0;
  for (size_t hit; (hit = s.find(from, at)) != std::string_view::npos; at = hit + from.size()) {
    if (made->text.size() + (hit - at) + to.size() > kLongest) return false;
    made->Append(s.substr(at, hit - at));
    made->Append(to);
  }
  if (made->text.size() + (s.size() - at) > kLongest) return false;
  made->Append(s.substr(at));
  return true;
}

static bool At(const StringPool& pool, const Word* args, Made* made) {
  const std::string_view s = pool[args[0]];
  const int64_t at = Signed(args[1]);
  return made->Is(at < 0 || at >= int64_t(s.size()) ? std::string_view("") : s.substr(size_t(at), 1));
}

static bool Substr(const StringPool& pool, const Word* args, Made* made) {
  const std::string_view s = pool[args[0]];
  const int64_t at = Signed(args[1]), count = Signed(args[2]);
  return made->Is(at < 0 || at >= int64_t(s.size()) || count <= 0 ? std::string_view("") : s.substr(size_t(at), size_t(count)));
}

static bool FromInt(const StringPool&, const Word* args, Made* made) {
  char digits[16];
  const int32_t value = Signed(args[0]);
  made->Begin();
  if (value >= 0) made->Append({digits, size_t(std::to_chars(digits, digits + 16, value).ptr - digits)});
  return true;
}

static bool IteText(const StringPool& pool, const Word* args, Made* made) {
  return made->Is(pool[args[0] ? args[1] : args[2]]);
}

static bool Ite(const StringPool&, const Word* args, Made* made) { return made->Is(args[0] ? args[1] : args[2]); }

static bool Len(const StringPool& pool, const Word* args, Made* made) { return made->Is(Word(pool[args[0]].size())); }

static bool ToInt(const StringPool& pool, const Word* args, Made* made) {
  const std::string_view s = pool[args[0]];
  if (s.empty() || !std::all_of(s.begin(), s.end(), [](char c) { return c >= '0' && c <= '9'; })) return made->Is(Word(-1));
  int64_t value = 0;
  for (const char c : s) {
    value = value * 10 + (c - '0');
    if (value > std::numeric_limits<int32_t>::max()) return false;
  }
  return Fits(value, made);
}

static bool IndexOf(const StringPool& pool, const Word* args, Made* made) {
  const std::string_view s = pool[args[0]], what = pool[args[1]];
  const int64_t from = Signed(args[2]);
  if (what.empty()) return false;
  const size_t at = from < 0 || from > int64_t(s.size()) ? std::string_view::npos : s.find(what, size_t(from));
  return made->Is(at == std::string_view::npos ? Word(-1) : Word(at));
}

using Pool = const StringPool&;
static bool Add(Pool, const Word* a, Made* r) { return Fits(int64_t(Signed(a[0])) + Signed(a[1]), r); }
static bool Sub(Pool, const Word* a, Made* r) { return Fits(int64_t(Signed(a[0])) - Signed(a[1]), r); }
static bool Mul(Pool, const Word* a, Made* r) { return Fits(int64_t(Signed(a[0])) * Signed(a[1]), r); }
static bool Neg(Pool, const Word* a, Made* r) { return Fits(-int64_t(Signed(a[0])), r); }
static bool Equal(Pool, const Word* a, Made* r) { return r->Is(a[0] == a[1]); }
static bool Less(Pool, const Word* a, Made* r) { return r->Is(Signed(a[0]) < Signed(a[1])); }
static bool LessEqual(Pool, const Word* a, Made* r) { return r->Is(Signed(a[0]) <= Signed(a[1])); }
static bool Greater(Pool, const Word* a, Made* r) { return r->Is(Signed(a[0]) > Signed(a[1])); }
static bool GreaterEqual(Pool, const Word* a, Made* r) { return r->Is(Signed(a[0]) >= Signed(a[1])); }
static bool Not(Pool, const Word* a, Made* r) { return r->Is(!a[0]); }
static bool And(Pool, const Word* a, Made* r) { return r->Is(a[0] & a[1]); }
static bool Or(Pool, const Word* a, Made* r) { return r->Is(a[0] | a[1]); }
static bool Xor(Pool, const Word* a, Made* r) { return r->Is(a[0] ^ a[1]); }
static bool Implies(Pool, const Word* a, Made* r) { return r->Is(Word(a[0] == 0) | a[1]); }
static bool PrefixOf(Pool p, const Word* a, Made* r) { return r->Is(p[a[1]].starts_with(p[a[0]])); }
static bool SuffixOf(Pool p, const Word* a, Made* r) { return r->Is(p[a[1]].ends_with(p[a[0]])); }
static bool Contains(Pool p, const Word* a, Made* r) { return r->Is(p[a[0]].find(p[a[1]]) != std::string_view::npos); }
static bool StringLess(Pool p, const Word* a, Made* r) { return r->Is(p[a[0]] < p[a[1]]); }
static bool StringLessEqual(Pool p, const Word* a, Made* r) { return r->Is(p[a[0]] <= p[a[1]]); }
static bool IsDigit(Pool p, const Word* a, Made* r) {
  const std::string_view s = p[a[0]];
  return r->Is(s.size() == 1 && s[0] >= '0' && s[0] <= '9');
}

std::span<const SliaOp> SliaOps() {
  constexpr Sort S = Sort::kString, I = Sort::kInt, B = Sort::kBool;
  static constexpr SliaOp kOps[] = {
      {"str.++", "", S, 2, {S, S, S}, true, false, Concat, 2},
      {"str.replace", "", S, 3, {S, S, S}, false, false, Replace, 1},
      {"str.at", "", S, 2, {S, I, S}, false, false, At, 1},
      {"str.substr", "", S, 3, {S, I, I}, false, false, Substr, 1},
      {"str.from_int", "int.to.str", S, 1, {I, I, I}, false, false, FromInt, 2},
      {"ite", "", S, 3, {B, S, S}, false, false, IteText, 4},
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

bool Apply(const SliaOp& op, StringPool& pool, const Word* args, Made* made, Word* result) {
  if (!op.apply(pool, args, made)) return false;
  *result = op.result == Sort::kString ? pool.Intern(made->text) : made->word;
  return true;
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
