// `hasten jail`: one command under limits, and what came of it.
#include <filesystem>
#include <memory>

#include "base/quote.h"
#include "cli/format.h"
#include "cli/verb.h"
#include "sandbox/jail.h"
#include "sandbox/view.h"

namespace hasten {
namespace {

constexpr char kDetails[] =
    R"(Runs a command that cannot be trusted and prints its verdict as one line of JSON: accepted (it ended with 0), wrong
(another exit code), crashed, timed out, out of memory, output too long, forbidden (a system call that the jail refuses).

The jail has namespaces of its own, no network, no other processes, an empty environment, the system's programs
read-only, and two folders to write in, /work (where the command starts) and /tmp, which are gone afterwards. It needs
no root. Where the kernel refuses namespaces hasten says so and refuses too, unless --no-jail is given: then only limits
of time, memory and output hold.

Examples:
  hasten jail -- python3 -c 'print(6 * 7)'
  hasten jail --time 2 --memory 64M --file main.py -- python3 main.py
  hasten jail --bind ~/data:/data --stdin - -- sort /data/words.txt < words
  hasten jail --collect out -- sh -c 'echo hello > hello.txt'     # its files into the folder out
)";

struct Options {
  std::vector<std::string> command, binds, writable, files, variables;
  std::string input, expected, collect;
  sandbox::Limits limits;
  bool no_jail = false;
};

Result<sandbox::Bind> ParseBind(const std::string& text, bool writable) {
  const size_t colon = text.find(':');
  const std::string from = text.substr(0, colon), to = colon == text.npos ? std::string() : text.substr(colon + 1);
  std::error_code failed;
  const std::filesystem::path real = std::filesystem::canonical(from, failed);
  if (failed) return Error{Code::kNotFound, "--bind: there is no '" + Printable(from) + "'"};
  const std::string target = to.empty() ? std::filesystem::absolute(from).lexically_normal().string() : to;
  if (target.empty() || target.front() != '/' || target == "/")
    return Error{Code::kBadInput, "--bind: '" + Printable(to) + "' is not an absolute path; write FROM:/PATH"};
  return sandbox::Bind{real.string(), target, writable};
}

Result<sandbox::JailOptions> JailOf(const Options& o) {
  sandbox::JailOptions jail{.jail = !o.no_jail, .environment = o.variables, .limits = o.limits};
  for (const bool writable : {false, true})
    for (const std::string& text : writable ? o.writable : o.binds) {
      TRY(sandbox::Bind bind, ParseBind(text, writable));
      jail.binds.push_back(std::move(bind));
    }
  if (const std::string program = sandbox::FindProgram(o.command[0]); !o.no_jail && !program.empty())
    for (sandbox::Bind& bind : sandbox::BindsOfProgram(program)) jail.binds.push_back(std::move(bind));
  return jail;
}

// A program outside of the system's folders is shown where it lies and called by its whole path.
Result<sandbox::Job> JobOf(const Options& o) {
  sandbox::Job job{.limits = o.limits, .argv = o.command, .collect = !o.collect.empty()};
  for (const std::string& path : o.files) {
    TRY(std::string bytes, ReadFile(path));
    std::error_code unknown;
    const auto mode = std::filesystem::status(path, unknown).permissions();
    const bool executable = (mode & std::filesystem::perms::owner_exec) != std::filesystem::perms::none;
    job.files.push_back({std::filesystem::path(path).filename().string(), std::move(bytes), executable});
  }
  if (!o.input.empty()) {
    TRY(job.input, ReadFile(o.input));
  }
  const bool own = std::any_of(job.files.begin(), job.files.end(),
                               [&](const auto& f) { return o.command[0] == f.path || o.command[0] == "./" + f.path; });
  if (own) {
    job.argv[0] = "./" + std::filesystem::path(o.command[0]).filename().string();
  } else if (const std::string program = sandbox::FindProgram(o.command[0]); program.empty()) {
    return Error{Code::kNotFound, "there is no program '" + Printable(o.command[0]) + "'"};
  } else if (!sandbox::BindsOfProgram(program).empty()) {
    job.argv[0] = program;
  }
  return job;
}

Status SaveFiles(const std::string& folder, const std::vector<sandbox::File>& files) {
  for (const sandbox::File& f : files) {
    const std::filesystem::path path = std::filesystem::path(folder) / f.path;
    std::error_code failed;
    std::filesystem::create_directories(path.parent_path(), failed);
    TRY(FileWriter writer, FileWriter::Create(path.string()));
    TRY_OK(writer.Write(f.bytes));
    TRY_OK(writer.Commit());
  }
  return {};
}

void Print(const sandbox::Outcome& outcome, sandbox::Verdict verdict, const std::string& message) {
  nlohmann::ordered_json line = {{"verdict", sandbox::VerdictName(verdict)},
                                 {"exit_code", outcome.exit_code()},
                                 {"cpu_s", outcome.cpu_s},
                                 {"wall_s", outcome.wall_s},
                                 {"peak_memory_bytes", outcome.peak_memory_bytes},
                                 {"out", outcome.out},
                                 {"err", outcome.err},
                                 {"out_bytes", outcome.out_bytes},
                                 {"err_bytes", outcome.err_bytes}};
  if (!message.empty()) line["message"] = message;
  if (!outcome.forbidden.empty()) line["forbidden"] = outcome.forbidden;
  for (const sandbox::File& f : outcome.files) line["files"].push_back(f.path);
  for (const std::string& path : outcome.refused) line["refused"].push_back(path);
  PrintJson(line);
}

Result<Exit> JailCommand(const Options& o) {
  TRY(const sandbox::JailOptions options, JailOf(o));
  TRY(const sandbox::Job job, JobOf(o));
  TRY(const auto jail, sandbox::Jail::Start(options));
  TRY(const sandbox::Outcome outcome, jail->Run(job));
  sandbox::Verdict verdict = sandbox::VerdictOf(outcome);
  std::string message = sandbox::Explain(outcome, o.limits);
  if (verdict == sandbox::Verdict::kAccepted && !o.expected.empty()) {
    TRY(const std::string expected, ReadFile(o.expected));
    if (outcome.out != expected || outcome.out_bytes != expected.size()) {
      verdict = sandbox::Verdict::kWrong;
      message = "its output is not what '" + Printable(o.expected) + "' holds";
    }
  }
  Print(outcome, verdict, message);
  if (!o.collect.empty()) TRY_OK(SaveFiles(o.collect, outcome.files));
  return verdict == sandbox::Verdict::kAccepted ? Exit::kOk : Exit::kNo;
}

}  // namespace

extern const Verb kJailVerb = {
    "jail", "run a command that cannot be trusted", kDetails, [](CLI::App& app) -> VerbBody {
      const auto o = std::make_shared<Options>();
      app.add_option("COMMAND", o->command, "the command and its arguments, after --")->required();
      const auto seconds = CLI::Range(0.001, 86400.0);
      app.add_option("--time", o->limits.wall_s, "seconds it may take")->check(seconds)->capture_default_str();
      app.add_option("--cpu", o->limits.cpu_s, "seconds of processor time")->check(seconds)->capture_default_str();

      AddSize(app, "--output", &o->limits.output_bytes, "what it may print (default: 1M)");
      AddSize(app, "--head", &o->limits.head_bytes, "how much of it is shown (default: 64K of each stream)");
      AddSize(app, "--disk", &o->limits.file_bytes, "what it may write to files (default: 64M)");
      app.add_option("--processes", o->limits.processes, "processes and threads at a time")->capture_default_str();
      app.add_option("--bind", o->binds, "show it a file or folder read-only: FROM or FROM:/PATH")->type_name("BIND");
      app.add_option("--bind-writable", o->writable, "the same, and let it write there")->type_name("BIND");
      app.add_option("--file", o->files, "copy a file into its folder")->type_name("FILE");
      app.add_option("--env", o->variables, "set a variable: NAME=VALUE")->type_name("VAR");
      app.add_option("--stdin", o->input, "its standard input; - is hasten's own")->type_name("FILE");
      app.add_option("--expect", o->expected, "wrong unless it prints exactly this file")->type_name("FILE");
      app.add_option("--collect", o->collect, "save the files that it leaves in this folder")->type_name("FOLDER");
      app.add_flag("--no-jail", o->no_jail, "limits only, no isolation: for what you trust");
      return [o](const Common& common) {
        if (common.memory_bytes) o->limits.memory_bytes = common.memory_bytes;
        return JailCommand(*o);
      };
    }};

}  // namespace hasten
