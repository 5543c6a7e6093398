// A verb of the command line: one file cli/<name>.cc that defines a Verb, and one line in cli/verbs.cc.
//
//   struct Options { std::string model; bool bos = false; };
//   static Result<Exit> Tokenize(const Options& o, const Common& common) { … }
//   const Verb kTokenizeVerb = {"tokenize", "text to token ids, and back", kDetails, [](CLI::App& app) -> VerbBody {
//     const auto o = std::make_shared<Options>();
//     app.add_option("MODEL", o->model, "the model file (GGUF)")->required();
//     app.add_flag("--bos", o->bos, "put the beginning-of-sequence token first where the model has one");
//     return [o](const Common& common) { return Tokenize(*o, common); };
//   }};
//
// A body returns its Exit or an Error (cli/exit.h prints it and picks the code); it never exits. Flags that every verb
// takes are declared once, in cli/main.cc. Options' names are also the keys of the configuration file: [tokenize] bos = true.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "cli/exit.h"

namespace hasten {

// The flags that every verb takes.
struct Common {
  size_t threads = 0;           // resolved: at least 1, by default what the machine has
  bool choose_threads = false;  // not asked for: as many of them as steps turn out to be worth
  size_t context = 0;           // tokens a sequence may hold; 0: what the model was trained on
  size_t memory_bytes = 0;      // what keys, values and states may take; 0: what the machine has to spare
  std::string pack_cache;       // resolved: the folder where packed weights are kept; empty: nowhere
};

using VerbBody = std::function<Result<Exit>(const Common&)>;

struct Verb {
  const char* name;
  const char* summary;  // one line, for `hasten --help`
  const char* details;  // what it does, with examples, for `hasten NAME --help`; lines are kept as written
  VerbBody (*declare)(CLI::App& app);
};

std::span<const Verb* const> Verbs();  // in the order of `hasten --help`

// `-o FILE` and `--force`: where a verb writes. Open before long work, so that a refusal comes first.
struct OutputFlags {
  std::string path;
  bool force = false;
  CLI::Option* Declare(CLI::App& app, const char* help = "write to this file");  // the option, e.g. for ->required()
  Result<FileWriter> Open() const;                                               // an existing file is refused without --force
};

// Options whose value is a number with a unit: "512", "4K", "1.5G" (powers of 1024; an optional B or iB follows).
Result<size_t> ParseSize(const std::string& text);
CLI::Option* AddSize(CLI::App& app, const char* names, size_t* bytes, const char* help);

// Options whose value is a list of numbers, "1,8,64": each at least `least` and at most `most`.
CLI::Option* AddList(CLI::App& app, const char* names, std::vector<size_t>* values, size_t least, size_t most,
                     const char* help);

}  // namespace hasten
