// Answers of all families become the same events, however they are cut into pieces.
#include "chat/output_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/support/support.h"
#include "text/json.h"

namespace hasten {
namespace {

using nlohmann::ordered_json;

const ordered_json& Tools() {
  static const ordered_json tools = ordered_json::parse(R"([
    {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object", "properties":
      {"city": {"type": "string"}, "days": {"type": "integer"}, "opts": {"type": "object"}}}}},
    {"type": "function", "function": {"name": "now", "parameters": {"type": "object", "properties": {}}}}])");
  return tools;
}

// The events of an answer that comes in pieces of `step` bytes, neighbours of one kind joined, ends left out.
ordered_json EventsOf(const ordered_json& row, size_t step) {
  static constexpr const char* kNames[] = {"content", "reasoning", "begin", "args"};
  ChatParser parser({.tools = row.value("tools", true) ? &Tools() : nullptr, .start = row.value("start", ""), .seed = 1});
  ordered_json events = ordered_json::array();
  size_t open = 0;
  const auto add = [&](const std::vector<ChatEvent>& more) {
    for (const ChatEvent& e : more) {
      open += e.type == ChatEvent::kCallBegin;
      if (e.type == ChatEvent::kCallEnd) {
        EXPECT_EQ(open--, 1u);
        continue;
      }
      const char* name = kNames[e.type];
      if (e.type != ChatEvent::kCallBegin && !events.empty() && events.back().contains(name)) {
        events.back()[name] = events.back()[name].get<std::string>() + e.text;
      } else {
        events.push_back({{name, e.text}});
      }
      if (e.type == ChatEvent::kCallBegin) events.back()["id"] = e.id;
    }
  };
  const std::string text = row["text"];
  for (size_t at = 0; at < text.size(); at += step) add(parser.Push(std::string_view(text).substr(at, step)));
  add(parser.Finish());
  EXPECT_EQ(open, 0u) << text;
  return events;
}

TEST(OutputParser, AnswersBecomeEvents) {
  const auto table = ParseJson(ReadBytes(SourcePath("tests/chat/output_cases.json")));
  ASSERT_TRUE(table) << table.error().what;
  for (const auto& row : table->at("cases"))
    for (const size_t step : {size_t{1}, size_t{2}, size_t{3}, size_t{7}, size_t{1000000}}) {
      ordered_json events = EventsOf(row, step);
      for (size_t i = 0; i < events.size(); ++i)
        if (events[i].contains("id") && !(i < row["events"].size() && row["events"][i].contains("id"))) events[i].erase("id");
      EXPECT_EQ(events.dump(), row["events"].dump()) << row["text"] << " in pieces of " << step;
    }
}

TEST(OutputParser, ArgumentsAreAlwaysJson) {
  const std::string call =
      R"(<tool_call>{"name": "get_weather", "arguments": {"city": "Pa\"ri\u00e9", "days": [1, -2.5e3, true],
    "opts": {"deep": {"x": null}}}}</tool_call>)";
  for (size_t size = 0; size <= call.size(); ++size) {
    for (const ordered_json& e : EventsOf({{"text", call.substr(0, size)}}, 1000)) {
      if (!e.contains("args")) continue;
      EXPECT_TRUE(ordered_json::accept(e["args"].get<std::string>())) << e["args"] << " at " << size;
    }
  }
}

TEST(OutputParser, CallsStreamAsTheyCome) {
  ChatParser parser({.tools = &Tools(), .start = {}, .seed = 0});
  EXPECT_THAT(parser.Push("Hm <tool_"), testing::ElementsAre(ChatEvent{ChatEvent::kContent, "Hm", 0, {}}));
  EXPECT_TRUE(parser.Push("call>{\"name\": \"get_weather\", ").empty());
  EXPECT_TRUE(parser.in_call());
  const auto begin = parser.Push("\"arguments\": {\"city\": \"Par");
  ASSERT_EQ(begin.size(), 2u);
  EXPECT_EQ(begin[0].type, ChatEvent::kCallBegin);
  EXPECT_EQ(begin[0].id.size(), 9u);
  EXPECT_EQ(begin[1].text, "{\"city\": \"Par");
  EXPECT_EQ(parser.Push("is\"}").at(0).text, "is\"}");
  EXPECT_EQ(parser.calls(), 1u);
}

TEST(OutputParser, LongTextsTakeLinearTime) {
  std::string text = "<tool_call>{\"name\": \"get_weather\", \"arguments\": {\"city\": \"";
  for (int i = 0; i < 200000; ++i) text += "ab<";
  ChatParser parser({.tools = &Tools(), .start = {}, .seed = 0});
  size_t bytes = 0;
  for (size_t at = 0; at < text.size(); at += 5)
    for (const ChatEvent& e : parser.Push(std::string_view(text).substr(at, 5))) bytes += e.text.size();
  EXPECT_GT(bytes, 590000u);
}

// What is certain of arguments that are no JSON is told before the call ends.
TEST(ChatParser, ForeignArgumentsComeAsTheyGetCertain) {
  const auto tools = ordered_json::parse(
      R"([{"type": "function", "function": {"name": "f", "parameters": {"properties": {"a": {"type": "string"}, "b": {"type": "integer"}}}}}])");
  const struct {
    const char *first, *told, *rest;
  } kCases[] = {
      {"<tool_call>\n<function=f>\n<parameter=a>\nx y\n</parameter>\n<para", R"({"a":"x y")",
       "meter=b>\n5\n</parameter>\n</function>\n</tool_call>"},
      {"<|tool_call_start|>[f(a='x y', b=", R"({"a":"x y")", "5)]<|tool_call_end|>"},
      {"<start_function_call>call:f{a:<escape>x y<escape>,b:", R"({"a":"x y")", "5}<end_function_call>"},
  };
  for (const auto& c : kCases) {
    ChatParser parser({.tools = &tools, .start = {}});
    std::string told;
    const auto take = [&](const std::vector<ChatEvent>& events) {
      for (const ChatEvent& e : events)
        if (e.type == ChatEvent::kArguments) told += e.text;
    };
    take(parser.Push(c.first));
    EXPECT_EQ(told, c.told) << c.first;
    take(parser.Push(c.rest));
    take(parser.Finish());
    EXPECT_EQ(told, R"({"a":"x y","b":5})") << c.first;
  }
}

}  // namespace
}  // namespace hasten
