#include "cli/session.h"

#include "cli/progress.h"

namespace hasten {

Result<Session> LoadSession(const std::string& path, const Common& common) {
  TRY(Gguf file, Gguf::Open(path));
  auto team = std::make_unique<Team>(common.threads);
  Progress progress("loading");
  LoadOptions options;
  options.context = common.context;
  options.progress = [&](double done) { progress.Set(done); };
  TRY(auto model, LoadModel(file, *team, options));
  return Session{.file = std::move(file), .team = std::move(team), .model = std::move(model)};
}

}  // namespace hasten
