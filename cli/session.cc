#include "cli/session.h"

#include <algorithm>
#include <cstdio>
#include <map>

#include "cli/progress.h"

namespace hasten {

CLI::Option* AddKvType(CLI::App& app, KvType* type) {
  static const std::map<std::string, KvType> kTypes = {{"f32", KvType::kF32}, {"f16", KvType::kF16}, {"bf16", KvType::kBF16}};
  const auto named = std::ranges::find(kTypes, *type, [](const auto& t) { return t.second; });
  return app
      .add_option_function<std::string>(
          "--kv", [type](const std::string& name) { *type = kTypes.at(name); },
          "number format of keys and values: f32, f16 or bf16")
      ->check(CLI::IsMember({"f32", "f16", "bf16"}))
      ->default_str(named->first);
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
