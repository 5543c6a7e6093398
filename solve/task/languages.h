// Names of programming languages: what a task may call one, what a runner is called, what a model knows it as.
#pragma once

#include <string_view>

namespace hasten::solve {

struct LanguageNames {
  std::string_view runner;   // of sandbox::RunnerLanguages(); "text" is data that nobody runs
  std::string_view fence;    // behind the three backticks of a block of code
  std::string_view spoken;   // in a sentence
  std::string_view file;     // what a candidate's file is called
  std::string_view aliases;  // other names, each between blanks
};

// By any of its names; nothing where there is no such language. A bash script is none of sh, and has no name here.
const LanguageNames* FindLanguage(std::string_view name);

}  // namespace hasten::solve
