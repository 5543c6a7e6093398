// Functions of a shared object, forked without executing anything: warden/native.cc calls them, this side speaks with it.
//
// A check's function is "name:signature": "gcd:i(ii)", "mean:d(dd)", "greet:s(s)"; i is a 64-bit integer, d a double, s a text.
#include <cstring>
#include <nlohmann/json.hpp>

#include "sandbox/runners/calls.h"
#include "sandbox/runners/compare.h"
#include "sandbox/runners/runners.h"
#include "sandbox/wire.h"
#include "text/json.h"

namespace hasten::sandbox {
namespace {

using Json = nlohmann::ordered_json;

struct Signature {
  std::string symbol, text;  // "gcd", "i(ii)"
  char result() const { return text[0]; }
  std::string_view arguments() const { return std::string_view(text).substr(2, text.size() - 3); }
};

Result<Signature> ParseSignature(const std::string& function) {
  const size_t colon = function.find(':');
  Signature s{function.substr(0, colon), colon == function.npos ? "" : function.substr(colon + 1)};
  const bool form = s.text.size() >= 3 && s.text[1] == '(' && s.text.back() == ')' && std::strchr("ids", s.text[0]);
  if (s.symbol.empty() || !form || s.arguments().find_first_not_of("ids") != std::string_view::npos)
    return Error{Code::kBadInput,
                 "'" + Head(function, 80) + "' is no function of a shared object; write for example gcd:i(ii)"};
  return s;
}

// A check, read: what is asked of the candidate, and what it is compared with.
struct Question {
  const Check* check;
  Signature signature;
  Json expected;
};

Status WriteArguments(const Signature& s, const Check& check, WireBuffer& b) {
  const auto arguments = ParseJson(check.arguments.empty() ? "[]" : check.arguments);
  if (!arguments || !arguments->is_array() || arguments->size() != s.arguments().size())
    return Error{Code::kBadInput, Fmt("%s takes %zu arguments, the check has other: %s", s.symbol.c_str(), s.arguments().size(),
                                      Head(check.arguments, 80).c_str())};
  for (size_t i = 0; i < arguments->size(); ++i) {
    const Json& a = (*arguments)[i];
    const char type = s.arguments()[i];
    if (type == 's' ? !a.is_string() : type == 'i' ? !a.is_number_integer() : !a.is_number())
      return Error{Code::kBadInput,
                   Fmt("argument %zu of %s has another type than its signature says", i + 1, s.symbol.c_str())};
    if (type == 's') {
      const std::string text = a.get<std::string>();
      b.Str({text.c_str(), text.size() + 1});
    } else if (type == 'i') {
      b.U64(uint64_t(a.get<int64_t>()));
    } else {
      const double d = a.get<double>();
      b.Raw(&d, sizeof d);
    }
  }
  return {};
}

Result<std::vector<Question>> ReadChecks(std::span<const Check> checks, WireBuffer& calls) {
  std::vector<Question> questions;
  for (const Check& check : checks) {
    if (check.kind != CheckKind::kCall) return Error{Code::kBadInput, "a shared object is judged by calls"};
    TRY(Signature signature, ParseSignature(check.function));
    TRY(Json expected, ParseJson(check.expected));
    calls.Str({signature.symbol.c_str(), signature.symbol.size() + 1});
    calls.Str(signature.text);
    TRY_OK(WriteArguments(signature, check, calls));
    questions.push_back({&check, std::move(signature), std::move(expected)});
  }
  return questions;
}

// Nothing where the bytes are no value of this type.
std::optional<Json> Value(char type, std::string_view bytes) {
  if (type == 's') return Json(std::string(bytes));
  uint64_t bits = 0;
  if (bytes.size() != sizeof bits) return std::nullopt;
  std::memcpy(&bits, bytes.data(), sizeof bits);
  if (type == 'i') return Json(int64_t(bits));
  double d = 0;
  std::memcpy(&d, &bits, sizeof d);
  return Json(d);
}

// What the answers so far, which may be any bytes, say of the checks from the first on. Silence is no verdict yet.
void Judge(const std::vector<Question>& questions, std::string_view answers, RunResult& r) {
  WireReader reader(answers);
  for (const Question& q : questions) {
    const AnswerKind kind{reader.U32()};
    const std::string_view bytes = reader.Str();
    if (!reader.ok()) return;
    if (kind != AnswerKind::kValue) {
      r.verdict = Verdict::kCrashed;
      r.message = CallText(*q.check) + ": " + Head(bytes, 300);
      return;
    }
    const auto value = Value(q.signature.result(), bytes);
    if (!value) {
      r.verdict = Verdict::kCrashed;
      r.message = CallText(*q.check) + Fmt(" was answered by %zu bytes that are no number", bytes.size());
      return;
    }
    if (!SameValue(*value, q.expected)) {
      r.verdict = Verdict::kWrong;
      r.got = value->dump(-1, ' ', false, Json::error_handler_t::replace);
      r.expected = q.expected.dump(-1, ' ', false, Json::error_handler_t::replace);
      r.message = CallText(*q.check) + " gave " + Head(r.got, 200) + " instead of " + Head(r.expected, 200);
      return;
    }
    ++r.passed;
  }
}

class NativeRunner : public JailedRunner {
 public:
  using JailedRunner::JailedRunner;

 protected:
  // All checks go with the job and are answered by one process, which nobody waits for in between.
  Status RunSome(const Candidate& candidate, std::span<const Check> checks, RunResult& r) override {
    WireBuffer calls;
    TRY(const std::vector<Question> questions, ReadChecks(checks, calls));
    TRY(Jail* const jail, ReadyJail());
    const Limits limits = Left(r);
    Job job{.kind = RunKind::kNative, .limits = limits, .source = candidate.source, .files = candidate.files};
    job.calls.assign(calls.data(), calls.size());
    job.collect = options_.collect_files;
    TRY_OK(jail->Begin(job));
    TRY(const Outcome outcome, jail->Finish([&](std::string_view answers) {
      RunResult so_far{.verdict = Verdict::kAccepted};
      Judge(questions, answers, so_far);
      return so_far.verdict != Verdict::kAccepted;
    }));
    Add(outcome, r);
    Judge(questions, outcome.answers, r);
    if (r.verdict != Verdict::kAccepted) return {};
    if (r.passed < questions.size()) FellSilent(r, (CallText(*questions[r.passed].check) + " was answered").c_str());
    Ended(outcome, limits, r);
    return {};
  }
};

}  // namespace

Result<std::unique_ptr<Runner>> MakeNative(RunnerOptions options) {
  JailOptions jail = JailOptionsOf(options);
  return std::unique_ptr<Runner>(new NativeRunner(std::move(options), std::move(jail)));
}

}  // namespace hasten::sandbox
