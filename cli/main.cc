// hasten: flags to calls to exit codes.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>

#include "base/cpu.h"
#include "base/threads.h"
#include "cli/help.h"
#include "cli/usage.h"
#include "cli/verb.h"

namespace hasten {
namespace {

constexpr const char* kAbout = "hasten runs small language models at the limit of the machine.\n";
constexpr const char* kMore =
    "Examples:\n"
    "  hasten run model.gguf -p 'Once upon a time'\n"
    "  hasten bench model.gguf --branches 1,8,64\n"
    "  hasten run --help                              # every verb explains itself, with examples\n\n"
    "Flags may also stand in a configuration file (TOML): threads = 2 for every verb, temperature = 0.7 below\n"
    "[run] for one. The command line wins. HASTEN_ISA=ref|avx2|avxvnni|avx512|amx|neon|neon_dot forces the\n"
    "instructions that kernels use.\n\n";

// A folder of the user's own, after the XDG base directories: $XDG_…_HOME/hasten, else ~/`otherwise`/hasten; empty without a
// home.
std::string UserFolder(const char* variable, const char* otherwise) {
  if (const char* folder = std::getenv(variable); folder && *folder) return std::string(folder) + "/hasten";
  if (const char* home = std::getenv("HOME"); home && *home) return std::string(home) + "/" + otherwise + "/hasten";
  return {};
}

std::string DefaultConfigPath() {
  const std::string folder = UserFolder("XDG_CONFIG_HOME", ".config");
  return folder.empty() ? folder : folder + "/config.toml";
}

// What --pack-cache means: nothing, a folder, or the user's own.
Status ResolvePackCache(std::string& folder) {
  if (folder.empty() || folder == "off" || folder == "false") {
    folder.clear();
    return {};
  }
  if (folder != "on" && folder != "true") return {};
  folder = UserFolder("XDG_CACHE_HOME", ".cache");
  if (folder.empty()) return Error{Code::kBadInput, "--pack-cache: this user has no home; name a folder: --pack-cache=FOLDER"};
  return {};
}

// strtoull reads "-1" as 2^64 - 1, and CLI11 with it: what takes a count refuses a sign.
void RefuseNegativeCounts(CLI::App& verb) {
  for (CLI::Option* option : verb.get_options([](CLI::Option* o) { return o->get_type_name().starts_with("UINT"); }))
    option->check([](const std::string& text) {
      return text.starts_with("-") ? "'" + text + "' is negative; a count is needed" : std::string();
    });
}

// The app, its common flags and all verbs; a verb's body goes to `body` when the command line chose it.
void Declare(CLI::App& app, Common& common, VerbBody& body) {
  app.name("hasten");
  app.formatter(std::make_shared<HelpFormatter>());
  app.footer(std::string(kMore) + kExitCodesHelp);
  app.require_subcommand(1);
  app.set_help_flag("-h,--help", "this text; after a verb, what the verb does");
  app.set_version_flag("--version", "hasten " HASTEN_VERSION, "print the version");
  app.add_option("--threads", common.threads,
                 "threads to compute with (default: up to all processors, as many as measure fastest)")
      ->check(CLI::Range(size_t(1), size_t(1024)))
      ->type_name("N");
  app.add_option("--ctx", common.context, "tokens a sequence may hold (default: what the model was trained on)")
      ->check(CLI::Range(size_t(1), size_t(1) << 24))
      ->type_name("N");
  AddSize(app, "--memory", &common.memory_bytes, "memory for keys, values and states, e.g. 4G (default: what is free)");
  app.add_flag("--pack-cache{on}", common.pack_cache,
               "keep packed weights on disk, so that the next start is quicker: in ~/.cache/hasten, or --pack-cache=FOLDER; "
               "--pack-cache=off: not");
  app.set_config("--config", DefaultConfigPath(), "read flags from this file")->type_name("FILE");
  app.allow_config_extras(CLI::config_extras_mode::error);
  for (const Verb* verb : Verbs()) {
    CLI::App* sub = app.add_subcommand(verb->name, verb->summary);
    sub->footer(verb->details);
    sub->fallthrough();  // common flags may follow the verb
    const VerbBody chosen = verb->declare(*sub);
    RefuseNegativeCounts(*sub);
    sub->callback([&body, chosen] { body = chosen; });
  }
}

Result<Exit> Dispatch(int argc, char** argv) {
  CLI::App app(kAbout);
  Common common;
  VerbBody body;
  Declare(app, common, body);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& e) {  // --help and --version
    app.exit(e);
    return Exit::kOk;
  } catch (const CLI::ParseError& e) {
    return UsageError(app, e);
  }
  if (const char* isa = std::getenv("HASTEN_ISA"))
    if (const auto known = IsaFromName(isa); !known) return Error{known.error().code, "HASTEN_ISA: " + known.error().what};
  TRY_OK(ResolvePackCache(common.pack_cache));
  common.choose_threads = common.threads == 0;
  if (common.choose_threads) common.threads = HardwareThreads();
  return body(common);
}

// What the process ends with. Exceptions end here: below cli/ errors are values, and memory is what may still run out.
Exit Main(int argc, char** argv) {
  try {
    const auto result = Dispatch(argc, argv);
    if (!result) return Report(result.error());
    if (std::fflush(stdout) != 0 || std::ferror(stdout))
      return Report({Code::kExhausted, "cannot write to standard output; is the disk full?"});
    return *result;
  } catch (const std::bad_alloc&) {
    return Report({Code::kExhausted, "out of memory; try a smaller model, a smaller --ctx or fewer branches"});
  } catch (const std::exception& e) {
    return Report({Code::kBug, Fmt("a defect of hasten, please report it: %s", e.what())});
  }
}

}  // namespace
}  // namespace hasten

int main(int argc, char** argv) { return int(hasten::Main(argc, argv)); }
