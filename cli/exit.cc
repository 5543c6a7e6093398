#include "cli/exit.h"

#include <cstdio>

namespace hasten {

Exit ExitOf(Code code) {
  switch (code) {
    case Code::kBadInput:
    case Code::kNotFound:
      return Exit::kUsage;
    case Code::kCorrupt:
      return Exit::kCorrupt;
    case Code::kUnsupported:
      return Exit::kUnsupported;
    case Code::kExhausted:
      return Exit::kExhausted;
    case Code::kCancelled:
      return Exit::kCancelled;
    case Code::kBug:
      break;
  }
  return Exit::kBug;
}

Exit Report(const Error& error) {
  std::fflush(stdout);  // what was already said comes first where both go to one place
  std::fprintf(stderr, "hasten: %s\n", error.what.c_str());
  return ExitOf(error.code);
}

}  // namespace hasten
