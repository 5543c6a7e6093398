// What a model writes, in any bytes and any pieces: calls begin and end in turn, and arguments are JSON.
#include <nlohmann/json.hpp>

#include "base/quote.h"
#include "chat/chat_format.h"
#include "chat/output_parser.h"
#include "tests/fuzz/fuzz_target.h"

namespace hasten {
namespace {

const nlohmann::ordered_json kTools = nlohmann::ordered_json::parse(
    R"([{"type": "function", "function": {"name": "f", "parameters": {"properties": {"a": {"type": "string"}, "b": {"type": "integer"}}}}}])");

bool IsUtf8(std::string_view text) {
  while (!text.empty() && Utf8Length(text) > 0) text.remove_prefix(Utf8Length(text));
  return text.empty();
}

void ExamineAnswer(std::string_view text, const std::string& start, size_t step) {
  ChatParser parser({.tools = &kTools, .start = start, .seed = 3});
  std::string arguments;
  bool open = false;
  const auto examine = [&](const std::vector<ChatEvent>& events) {
    for (const ChatEvent& e : events) {
      if (e.type == ChatEvent::kCallBegin) {
        FUZZ_CHECK(!std::exchange(open, true));
        arguments.clear();
      } else if (e.type == ChatEvent::kArguments) {
        FUZZ_CHECK(open);
        arguments += e.text;
      } else if (e.type == ChatEvent::kCallEnd) {
        FUZZ_CHECK(std::exchange(open, false));
        FUZZ_CHECK(!IsUtf8(arguments) || nlohmann::json::accept(arguments));
      }
    }
  };
  for (size_t at = 0; at < text.size(); at += step) examine(parser.Push(text.substr(at, step)));
  examine(parser.Finish());
  FUZZ_CHECK(!open);
}

}  // namespace

void FuzzOne(std::span<const std::byte> input) {
  const std::string_view text(reinterpret_cast<const char*>(input.data()), input.size());
  for (const char* start : {"", "<think>", "<|start|>assistant", ">>>"}) {
    ExamineAnswer(text, start, text.size() + 1);
    ExamineAnswer(text, start, 3);
  }
  const auto messages = nlohmann::ordered_json::parse(text, nullptr, false);
  if (!messages.is_discarded()) NormalisedMessages(NormalisedMessages(messages, {}), {.alternate = true});
}

std::vector<std::string> FuzzSeeds() {
  return {
      "<think>a</think>b<tool_call>{\"name\": \"f\", \"arguments\": {\"a\": \"x\\n\", \"b\": [1, {\"c\": null}]}}</tool_call> "
      "c",
      "<tool_call><function=f><parameter=a>x</parameter></function></tool_call><tool_call>f<arg_key>a</arg_key><arg_value>1</"
      "arg_value></tool_call>",
      "[TOOL_CALLS] [{\"name\": \"f\", \"arguments\": {}, \"id\": \"1\"}][TOOL_CALLS]f[CALL_ID]x[ARGS]{'a': True,}",
      "<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>commentary "
      "to=functions.f<|message|>{\"a\":1}<|call|>",
      "<|tool_call_start|>[f(a='x', b=[1, {'c': None}]), f(2)]<|tool_call_end|><|python_tag|>f.call(a=1)",
      "<start_function_call>call:f{a:<escape>x<escape>,b:{c:[1]}}<end_function_call><|tool_call>call:f{}<tool_call|>",
      "f\n{\"a\": 1}\n>>>all\nx>>>python\nprint()",
      "{\"name\": \"f\", \"parameters\": {\"a\": \"",
      "[f(a=1)]",
      R"([{"role": "assistant", "tool_calls": [{"id": "1", "function": {"name": "f", "arguments": "{}"}}]}, {"role": "tool", "content": [{"text": "x"}]}])",
  };
}

}  // namespace hasten
