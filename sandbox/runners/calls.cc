#include "sandbox/runners/calls.h"

#include <nlohmann/json.hpp>

#include "sandbox/runners/compare.h"
#include "text/json.h"

namespace hasten::sandbox {

using Json = nlohmann::ordered_json;

static std::string Dump(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string FunctionsFrame(const std::string& source) { return Dump({{"role", "functions"}, {"source", source}}); }

std::string ProgramFrame(const std::string& source, const std::vector<std::string>& arguments) {
  return Dump({{"role", "program"}, {"source", source}, {"arguments", arguments}});
}

static Failure FailureOf(const Json& reply) {
  const auto text = [&](const char* name) {
    const auto found = reply.find(name);
    return found != reply.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  return {Head(text("error"), 500), text("type") == "MemoryError"};
}

static Json ReplyOf(const std::string& frame) {
  auto parsed = ParseJson(frame);
  if (!parsed || !parsed->is_object()) return {{"error", "an answer that is no JSON"}, {"type", ""}};
  return *std::move(parsed);
}

std::optional<Failure> Loaded(Channel& channel) {
  const auto frame = channel.Receive(kMaxAnswer);
  if (!frame) return Failure{"it ended before its text was through", false};
  const Json reply = ReplyOf(*frame);
  if (reply.contains("error")) return FailureOf(reply);
  return std::nullopt;
}

void FellSilent(RunResult& r, const char* before) {
  r.verdict = Verdict::kCrashed;
  r.message = std::string("it ended before ") + before;
}

static Status RunCall(Channel& channel, const Check& check, RunResult& r) {
  const auto arguments = ParseJson(check.arguments.empty() ? "[]" : check.arguments);
  const auto expected = ParseJson(check.expected);
  if (!arguments || !arguments->is_array())
    return Error{Code::kBadInput, "the arguments of a check are no JSON array: " + Head(check.arguments, 80)};
  if (!expected) return Error{Code::kBadInput, "the expected value of a check is no JSON: " + Head(check.expected, 80)};
  channel.Send(Dump({{"f", check.function}, {"a", *arguments}}));  // where nobody reads it, nobody answers
  const auto frame = channel.Receive(kMaxAnswer);
  if (!frame) return FellSilent(r, (CallText(check) + " was answered").c_str()), Status();
  const Json reply = ReplyOf(*frame);
  if (const auto value = reply.find("value"); value == reply.end()) {
    const Failure failure = FailureOf(reply);
    r.verdict = failure.out_of_memory ? Verdict::kOutOfMemory : Verdict::kCrashed;
    r.message = CallText(check) + ": " + failure.text;
  } else if (!SameValue(*value, *expected)) {
    r.verdict = Verdict::kWrong;
    r.got = Dump(*value);
    r.expected = Dump(*expected);
    r.message = CallText(check) + " gave " + Head(r.got, 200) + " instead of " + Head(r.expected, 200);
  } else {
    ++r.passed;
  }
  return {};
}

Status RunCalls(Channel& channel, std::span<const Check> checks, RunResult& r) {
  for (const Check& check : checks) {
    TRY_OK(RunCall(channel, check, r));
    if (r.verdict != Verdict::kAccepted) break;
  }
  return {};
}

}  // namespace hasten::sandbox
