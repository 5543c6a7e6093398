// `hasten serve MODEL…`: one process that clients of other people's APIs can talk to.
#include "serve/server.h"

#include <cstdio>

#include "base/memory.h"
#include "cli/constraint_flags.h"
#include "cli/progress.h"
#include "cli/session.h"
#include "cli/speculation.h"
#include "cli/verb.h"

namespace hasten {
namespace {

constexpr const char* kDetails =
    "Answers HTTP in the dialects of OpenAI, Anthropic, Ollama and llama-server. Many requests are computed together; what\n"
    "prompts have in common is computed once. With the same model, prompt, seed and sampling the text is the same whoever\n"
    "else asks at the time. The first model is loaded at once, others when they are first asked for.\n\n"
    "It listens on this machine alone unless --host says otherwise; with another --host give --api-key-file. The first\n"
    "Ctrl-C lets running requests finish, the second does not.\n\n"
    "http://localhost:8080/ is a page to talk to the models, to watch them at work, and to read the runs of `hasten solve`.\n\n"
    "Examples:\n"
    "  hasten serve model.gguf\n"
    "  curl http://localhost:8080/v1/completions -d '{\"prompt\": \"Once upon a time\", \"max_tokens\": 50}'\n"
    "  hasten serve small=smollm2.gguf large=qwen3.gguf --alias gpt-4o=large --models-memory 6G --idle-unload 600\n"
    "  hasten serve model.gguf --host 0.0.0.0 --api-key-file keys.txt\n\n"
    "docs/serve.md has every path and field, and how to run it as a service and behind TLS.\n";

Result<Exit> Serve(ServerOptions o, const SpeculationFlags& speculation, const ConstraintFlags& constraint,
                   const Common& common) {
  GiveBackFreedBlocks();
  TRY(auto part, constraint.Part());
  if (part) o.otherwise = {*std::move(part)};
  o.most_drafted = speculation.on() ? speculation.tokens : 0;
  o.ngram = speculation.mode == "ngram";
  o.draft = speculation.draft;
  o.threads = common.threads;
  o.choose_threads = common.choose_threads;
  o.context = common.context;
  o.memory_bytes = common.memory_bytes;
  o.pack_cache = common.pack_cache;
  TRY(const auto server, Server::Start(o));
  server->StopOnSignals();
  std::fprintf(stderr, "hasten: listening on %s\n", server->address().c_str());
  if (server->warns_of_open_door()) {
    std::fprintf(stderr,
                 "hasten: WARNING: others can reach this server and no key is asked for: everybody on the network can\n"
                 "hasten: WARNING: use it and read what it says of itself. Give --api-key-file FILE, or leave out --host.\n");
  }
  server->Wait();
  return Exit::kOk;
}

void DeclareLimits(CLI::App& app, ServerOptions& o) {
  app.add_option("--parallel", o.parallel, "texts that are written at once, for each model")
      ->capture_default_str()
      ->check(CLI::Range(size_t(1), size_t(1024)));
  app.add_option("--queue", o.queue, "requests that may wait for each model; more are refused (429)")->capture_default_str();
  AddKvType(app, &o.kv_type);
  AddSize(app, "--models-memory", &o.models_memory_bytes, "memory for all loaded models together (default: no limit)");
  AddSize(app, "--max-body", &o.max_body_bytes, "the largest request that is taken (default: 32M)");
  app.add_option("--cache-dir", o.cache_folder, "keep prefixes of prompts in this folder, too, beyond the process's end")
      ->type_name("FOLDER");
  AddSize(app, "--cache-size", &o.cache_bytes, "of that folder; what was used longest ago goes first (default: 8G)");
  app.add_option("--idle-unload", o.idle_unload_s, "seconds after which a model that nobody asks is unloaded; 0: never")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 1e9));
  app.add_option("--grace", o.grace_s, "seconds that running requests get when it is stopped")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 1e6));
}

}  // namespace

extern const Verb kServeVerb;
const Verb kServeVerb = {
    "serve", "answer clients of the OpenAI, Anthropic and Ollama APIs", kDetails, [](CLI::App& app) -> VerbBody {
      const auto o = std::make_shared<ServerOptions>();
      const auto speculation = std::make_shared<SpeculationFlags>();
      const auto constraint = std::make_shared<ConstraintFlags>();
      app.add_option("MODEL", o->models, "model files (GGUF), each FILE or NAME=FILE")->required();
      app.add_option("--host", o->host, "the address to listen on")->capture_default_str();
      app.add_option("--port", o->port, "the port; 0: any that is free")->capture_default_str();
      app.add_option("--alias", o->aliases, "NAME=MODEL: another name for a model; may be repeated")
          ->expected(1)
          ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
      app.add_option("--api-key-file", o->api_key_file, "only who sends one of this file's keys (one a line) may ask");
      app.add_option("--cors", o->cors_origin, "let pages of this origin ask; *: of any (default: of none)");
      app.add_option("--allow-host", o->allowed_hosts, "a host name by which clients may call it; may be repeated")
          ->expected(1)
          ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
      DeclareLimits(app, *o);
      app.add_option("--log", o->run_log, "the run log whose runs the page shows (default: ~/.local/share/hasten/runs.db)")
          ->type_name("FILE");
      app.add_flag("!--no-runs", o->show_runs, "the page shows no runs");
      app.add_flag("!--no-page", o->show_page, "no page at all, and no runs");
      speculation->Declare(app);
      constraint->Declare(app);  // of requests that say nothing of it
      app.add_flag("!--no-log", o->log_requests, "no line on standard error for each request");
      app.add_flag("--log-prompts", o->log_prompts, "log requests' bodies too, which hold what people write");
      return [o, speculation, constraint](const Common& common) { return Serve(*o, *speculation, *constraint, common); };
    }};

}  // namespace hasten
