// How a verb ends: the exit codes, in one place (docs/cli.md lists them for users).
#pragma once

#include "base/result.h"

namespace hasten {

enum class Exit : int {
  kOk = 0,
  kNo = 1,           // the work was done and the answer is no: a check failed, nothing was found
  kUsage = 2,        // unknown flag, missing file, impossible value: the command line must change
  kCorrupt = 3,      // a file is not what it should be
  kUnsupported = 4,  // a model family, tensor type or processor that hasten does not know
  kExhausted = 5,    // memory, disk or a budget ran out
  kBug = 70,         // a defect of hasten (EX_SOFTWARE of sysexits.h)
  kCancelled = 130,  // interrupted: 128 + SIGINT, as shells count
};

inline constexpr const char* kExitCodesHelp =
    "Exit codes: 0 done; 1 done, and the answer is no; 2 wrong usage or a missing file; 3 a damaged file;\n"
    "4 not supported; 5 out of memory, disk or budget; 70 a defect of hasten; 130 interrupted.\n";

Exit ExitOf(Code code);

// "hasten: what" on standard error, and the exit code for it.
Exit Report(const Error& error);

}  // namespace hasten
