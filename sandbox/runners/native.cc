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

Result<std::string> Request(const Signature& s, const Check& check) {
  const auto arguments = ParseJson(check.arguments.empty() ? "[]" : check.arguments);
  if (!arguments || !arguments->is_array() || arguments->size() != s.arguments().size())
    return Error{Code::kBadInput, Fmt("%s takes %zu arguments, the check has other: %s", s.symbol.c_str(), s.arguments().size(),
                                      Head(check.arguments, 80).c_str())};
  WireBuffer b;
  b.Str({s.symbol.c_str(), s.symbol.size() + 1});
  b.Str(s.text);
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
  return std::string(b.data(), b.size());
}

Json Value(char type, WireReader& r) {
  if (type == 's') return std::string(r.Str());
  const uint64_t bits = r.U64();
  if (type == 'i') return int64_t(bits);
  double d = 0;
  std::memcpy(&d, &bits, sizeof d);
  return d;
}

class NativeRunner : public JailedRunner {
 public:
  using JailedRunner::JailedRunner;

 protected:
  Status RunSome(const Candidate& candidate, std::span<const Check> checks, RunResult& r) override {
    TRY(Jail* const jail, ReadyJail());
    TRY(auto ends, Channel::Pair());
    const Limits limits = Left(r);
    Job job{.kind = RunKind::kNative, .limits = limits, .source = "./candidate.so", .files = candidate.files};
    job.files.push_back({"candidate.so", candidate.source});
    job.collect = options_.collect_files;
    job.channel = ends.second.fd();
    TRY_OK(jail->Begin(job));
    ends.second.Close();
    Status status;
    for (size_t i = 0; i < checks.size() && r.verdict == Verdict::kAccepted && status; ++i)
      status = RunOne(ends.first, checks[i], r);
    ends.first.Close();
    TRY(const Outcome outcome, jail->Finish());
    Add(outcome, r);
    Ended(outcome, limits, r);
    return status;
  }

 private:
  static Status RunOne(Channel& channel, const Check& check, RunResult& r) {
    if (check.kind != CheckKind::kCall) return Error{Code::kBadInput, "a shared object is judged by calls"};
    TRY(const Signature signature, ParseSignature(check.function));
    TRY(const std::string request, Request(signature, check));
    TRY(const Json expected, ParseJson(check.expected));
    channel.Send(request);  // may come too late for one that has said already why it cannot
    const auto frame = channel.Receive(kMaxAnswer);
    if (!frame) return FellSilent(r, (CallText(check) + " was answered").c_str()), Status();
    WireReader reader(*frame);
    if (reader.U32() != 1) {
      r.verdict = Verdict::kCrashed;
      r.message = CallText(check) + ": " + Head(reader.Str(), 300);
      return {};
    }
    const Json value = Value(signature.result(), reader);
    if (reader.ok() && SameValue(value, expected)) return ++r.passed, Status();
    r.verdict = Verdict::kWrong;
    r.got = value.dump(-1, ' ', false, Json::error_handler_t::replace);
    r.expected = expected.dump(-1, ' ', false, Json::error_handler_t::replace);
    r.message = CallText(check) + " gave " + Head(r.got, 200) + " instead of " + Head(r.expected, 200);
    return {};
  }
};

}  // namespace

Result<std::unique_ptr<Runner>> MakeNative(RunnerOptions options) {
  JailOptions jail = JailOptionsOf(options);
  return std::unique_ptr<Runner>(new NativeRunner(std::move(options), std::move(jail)));
}

}  // namespace hasten::sandbox
