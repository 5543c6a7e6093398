// Calls of a candidate's functions by JSON, for the languages whose candidates answer on a channel.
#pragma once

#include <optional>
#include <string>

#include "sandbox/runners/channel.h"
#include "sandbox/runners/jailed.h"

namespace hasten::sandbox {

constexpr size_t kMaxAnswer = size_t(64) << 20;

// What a candidate told of itself when it failed: {"error": …, "type": …}.
struct Failure {
  std::string text;
  bool out_of_memory = false;
};

std::string FunctionsFrame(const std::string& source);  // the first message: what to load
std::string ProgramFrame(const std::string& source, const std::vector<std::string>& arguments);

// Whether the text loaded; nullopt: it did.
std::optional<Failure> Loaded(Channel& channel);

// Checks of kCall in order while they pass. The error is the caller's: arguments or expected that are no JSON.
Status RunCalls(Channel& channel, std::span<const Check> checks, RunResult& r);

// Where the candidate fell silent: what `r` says of that unless the outcome says it better.
void FellSilent(RunResult& r, const char* before);

}  // namespace hasten::sandbox
