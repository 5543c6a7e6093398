#include "cli/peer.h"

#include <sys/wait.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/quote.h"

namespace hasten {

static constexpr size_t kLongestLine = 1 << 16;

// For the shell: as one word, whatever it holds.
static std::string Quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

static void Fill(std::string& text, const std::string& name, const std::string& value) {
  for (size_t at = 0; (at = text.find(name, at)) != std::string::npos; at += value.size()) text.replace(at, name.size(), value);
}

Peer::Peer(const std::string& command, const std::string& model, size_t threads, const BenchPlan& plan) : command_(command) {
  std::string branches;
  for (const size_t b : plan.branches) branches += (branches.empty() ? "" : ",") + std::to_string(b);
  Fill(command_, "{threads}", std::to_string(threads));
  Fill(command_, "{prefill}", std::to_string(plan.prefill));
  Fill(command_, "{decode}", std::to_string(plan.decode));
  Fill(command_, "{prefix}", std::to_string(plan.prefix));
  Fill(command_, "{branches}", branches);
  Fill(command_, "{model}", Quoted(model));
}

// A line that is no object, or none of the figures, is not for us.
Status Peer::Take(const std::string& line, std::span<Figure> figures) {
  const auto object = nlohmann::json::parse(line, nullptr, false);
  if (!object.is_object() || !object.contains("work") || !object["work"].is_string()) return {};
  const auto number = [&](const char* key, double otherwise) {
    return object.contains(key) && object[key].is_number() ? object[key].get<double>() : otherwise;
  };
  const double rate = number("tokens_per_s", 0);
  if (rate <= 0) return {};
  if (object.contains("engine") && object["engine"].is_string()) name_ = Printable(object["engine"].get<std::string>());
  for (Figure& f : figures)
    if (object["work"] == f.work && number("branches", 1) == double(f.branches)) f.peer_rates.push_back(rate);
  return {};
}

Status Peer::Run(std::span<Figure> figures) {
  std::vector<size_t> before;
  for (const Figure& f : figures) before.push_back(f.peer_rates.size());
  std::FILE* const pipe = ::popen(command_.c_str(), "r");
  if (pipe == nullptr) return Error{Code::kExhausted, Fmt("cannot start '%s'", Printable(command_).c_str())};
  std::string line;
  for (int c; (c = std::fgetc(pipe)) != EOF;) {
    if (c != '\n') {
      if (line.size() < kLongestLine) line += char(c);
      continue;
    }
    TRY_OK(Take(line, figures));
    line.clear();
  }
  TRY_OK(Take(line, figures));
  const int status = ::pclose(pipe);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    return Error{Code::kBadInput, Fmt("'%s' failed (%s %d); run it by hand to see why", Printable(command_).c_str(),
                                      WIFSIGNALED(status) ? "signal" : "exit code",
                                      WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status))};
  }
  for (size_t i = 0; i < figures.size(); ++i) {
    if (figures[i].peer_rates.size() == before[i] + 1) continue;
    return Error{Code::kBadInput, Fmt("'%s' printed %zu lines about %s with %zu branches, expected one JSON object with work, "
                                      "branches and tokens_per_s",
                                      Printable(command_).c_str(), figures[i].peer_rates.size() - before[i],
                                      figures[i].work.c_str(), figures[i].branches)};
  }
  return {};
}

}  // namespace hasten
