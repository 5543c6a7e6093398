// Which system calls a candidate may make.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace hasten::sandbox {

// The filter as a program for the kernel (an array of sock_filter). What is not allowed is told to the warden, which ends the
// candidate; a few calls that harmless programs try by themselves fail with an error instead.
Result<std::string> SyscallFilter();

std::string SyscallName(uint32_t number, uint32_t arch);  // "io_uring_setup"; "x32 call 0x4000003b"; "i386 call …"

}  // namespace hasten::sandbox
