// Another engine, measured in turns: a command that prints one JSON object a line, {"work": "prefill" or "decode", "prefix": N,
// "branches": N, "tokens_per_s": X}; what else it prints is not looked at. bench/peers/ has one for llama.cpp.
#pragma once

#include <span>
#include <string>

#include "cli/measure.h"

namespace hasten {

class Peer {
 public:
  // In `command`, {model}, {threads}, {prefill}, {decode}, {prefix} and {branches} (as "1,8,64") are filled in.
  Peer(const std::string& command, const std::string& model, size_t threads, const BenchPlan& plan);
  // Runs it once through the shell and adds a rate to each figure that it has. kBadInput where it fails, or tells nothing about
  // one of the figures.
  Status Run(std::span<Figure> figures);
  const std::string& name() const { return name_; }  // what it calls itself ("engine"), else "peer"

 private:
  Status Take(const std::string& line, std::span<Figure> figures);
  std::string command_, name_ = "peer";
};

}  // namespace hasten
