// What a file tests/fuzz/NAME_fuzz.cc defines. libFuzzer runs it in the fuzz preset; in all others a test NAME_replay runs it
// on its seeds, on damaged copies of them, and on all that fuzzing ever found. See README.md.
#pragma once

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <vector>

namespace hasten {

// One input. Any crash, sanitiser report, failed FUZZ_CHECK or run of seconds is a defect.
void FuzzOne(std::span<const std::byte> input);

// Small valid inputs that reach as much of the reader as possible. Made by code: no binaries in git.
std::vector<std::string> FuzzSeeds();

// What must hold whatever the input.
#define FUZZ_CHECK(...)                                                                   \
  do {                                                                                    \
    if (__VA_ARGS__) break;                                                               \
    std::fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #__VA_ARGS__); \
    std::abort();                                                                         \
  } while (false)

}  // namespace hasten
