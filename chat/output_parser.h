// What a model writes, taken apart while it comes: text for the reader, thinking, calls of tools.
//
//   ChatParser parser({.tools = tools, .start = prompt.start, .seed = request_number});
//   for (…) for (const ChatEvent& e : parser.Push(decoder.Push(token))) …   // decoded with special tokens shown
//   for (const ChatEvent& e : parser.Finish()) …
//
// It knows the syntax of all families at once (docs/templates.md lists them), for models write what they were trained on
// whatever their template says. Nothing is an error: a call that is cut off or malformed is finished as well as it can be,
// so that arguments are always JSON; what turns out to be no call is text.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace hasten {

struct ChatEvent {
  enum Type : uint8_t {
    kContent,    // text
    kReasoning,  // text
    kCallBegin,  // text is the function's name, id the call's
    kArguments,  // text continues the JSON of the arguments
    kCallEnd,
  };
  Type type = kContent;
  std::string text;
  size_t call = 0;  // which of the parallel calls, from 0
  std::string id;
  bool operator==(const ChatEvent&) const = default;
};

struct ChatParserOptions {
  const nlohmann::ordered_json* tools = nullptr;  // OpenAI's list, borrowed; nullptr or empty: calls are left as text
  std::string start;                              // what the prompt ended with that belongs to the answer: ChatPrompt::start
  uint64_t seed = 0;                              // of the calls' ids: the same seed, the same ids
};

class ChatParser {
 public:
  explicit ChatParser(const ChatParserOptions& options);
  ChatParser(ChatParser&&) noexcept;
  ChatParser& operator=(ChatParser&&) noexcept;
  ~ChatParser();
  std::vector<ChatEvent> Push(std::string_view text);
  std::vector<ChatEvent> Finish();
  size_t calls() const;  // begun so far
  // Whether text that comes now is part of a call rather than content or reasoning.
  bool in_call() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hasten
