#include "cli/session.h"

#include <algorithm>
#include <cstdio>
#include <vector>

#include "cli/progress.h"

namespace hasten {

CLI::Option* AddKvType(CLI::App& app, KvType* type) {
  std::vector<std::string> names;
  for (const KvType t : kKvTypes) names.emplace_back(KvTypeName(t));
  return app
      .add_option_function<std::string>(
          "--kv", [type](const std::string& name) { *type = *std::ranges::find(kKvTypes, name, KvTypeName); },
          "number format of keys and values: f32, f16, bf16, int16 or int8")
      ->check(CLI::IsMember(names))
      ->default_str(std::string(KvTypeName(*type)));
}

PackCacheOptions PackCacheFor(const Common& common) {
  return {.folder = common.pack_cache,
          .notice = [](const std::string& what) { std::fprintf(stderr, "hasten: %s\n", what.c_str()); }};
}

Result<Session> LoadSession(const std::string& path, const Common& common) {
  TRY(Gguf file, Gguf::Open(path));
  auto team = std::make_unique<Team>(common.threads);
  Progress progress("loading");
  LoadOptions options;
  options.context = common.context;
  options.pack_cache = PackCacheFor(common);
  options.progress = [&](double done) { progress.Set(done); };
  TRY(auto model, LoadModel(file, *team, options));
  return Session{.file = std::move(file), .team = std::move(team), .model = std::move(model)};
}

}  // namespace hasten
