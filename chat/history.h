// Conversations as clients send them, made what templates expect: every message an object with a role and a content, calls
// with ids and arguments, results in the order of their calls.
#pragma once

#include <nlohmann/json.hpp>

namespace hasten {

struct HistoryStyle {
  bool string_arguments = false;  // arguments as JSON in a string, as OpenAI has them; else as the object they stand for
  bool short_ids = false;         // nine letters and digits, which Mistral's templates insist on
  bool developer_role = false;    // the template knows "developer"; else it becomes "system"
  bool alternate = false;         // system into the first user message, one message a turn, calls and results as text
};

// Never fails: what makes no sense is left out or read as well as it can be.
nlohmann::ordered_json NormalisedMessages(const nlohmann::ordered_json& messages, const HistoryStyle& style);
// Tools as OpenAI's objects, whether they came so, bare, or in a flat form; null where there is none.
nlohmann::ordered_json NormalisedTools(const nlohmann::ordered_json& tools);

}  // namespace hasten
