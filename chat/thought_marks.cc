#include "chat/thought_marks.h"

namespace hasten {

static constexpr ThoughtMarks kMarks[] = {
    {"<think>", "</think>", "\n</think>\n\n"},
    {"<thinking>", "</thinking>", "\n</thinking>\n\n"},
    {"[THINK]", "[/THINK]", "[/THINK]"},                                                                    // Magistral
    {"<|START_THINKING|>", "<|END_THINKING|>", "<|END_THINKING|>"},                                         // Command
    {"<seed:think>", "</seed:think>", "</seed:think>"},                                                     // Seed
    {"<|channel>thought", "<channel|>", "<channel|>"},                                                      // Gemma 4
    {"<|channel|>analysis<|message|>", "<|end|>", "<|end|><|start|>assistant<|channel|>final<|message|>"},  // gpt-oss
};

const ThoughtMarks* OpenThought(std::string_view prompt) {
  const size_t end = prompt.find_last_not_of(" \n\r\t");
  prompt = prompt.substr(0, end == prompt.npos ? 0 : end + 1);
  for (const ThoughtMarks& marks : kMarks)
    if (prompt.ends_with(marks.open)) return &marks;
  return nullptr;
}

const ThoughtMarks* ThoughtsOfTemplate(std::string_view source) {
  for (const ThoughtMarks& marks : kMarks) {
    // gpt-oss's template puts the words of its header together from parts.
    const std::string_view sign = marks.close == "<|end|>" ? "<|channel|>analysis" : marks.close;
    if (source.find(sign) != source.npos) return &marks;
  }
  return nullptr;
}

}  // namespace hasten
