// How families mark what a model thinks before it answers.
#pragma once

#include <string>
#include <string_view>

namespace hasten {

struct ThoughtMarks {
  std::string_view open, close;
  std::string_view cut;  // what to write to end a thought from outside and go on with the answer
};

// The marks that `prompt` ends with, less white space: the answer begins inside of a thought. nullptr: it does not.
const ThoughtMarks* OpenThought(std::string_view prompt);
// The marks that a template writes; nullptr where it knows of no thoughts.
const ThoughtMarks* ThoughtsOfTemplate(std::string_view source);

}  // namespace hasten
