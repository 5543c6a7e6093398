#include "cli/usage.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hasten {

// Insertions, deletions and substitutions that turn a into b (Levenshtein).
static size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t(0));
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i + 1);
    for (size_t j = 0; j < b.size(); ++j)
      diagonal = std::exchange(row[j + 1], std::min({row[j] + 1, row[j + 1] + 1, diagonal + (a[i] != b[j])}));
  }
  return row.back();
}

// ", did you mean 'known'?" for the closest of the words where one is close, else nothing.
static std::string Suggestion(std::string_view word, const std::vector<std::string>& words) {
  const auto distance = [&](const std::string& known) { return EditDistance(word, known); };
  const auto nearest =
      std::min_element(words.begin(), words.end(), [&](const auto& a, const auto& b) { return distance(a) < distance(b); });
  if (nearest == words.end() || distance(*nearest) > std::max<size_t>(1, word.size() / 4)) return {};
  return ", did you mean '" + *nearest + "'?";
}

static std::vector<std::string> FlagsOf(const CLI::App& app) {
  std::vector<std::string> flags;
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) flags.push_back("--" + name);
  return flags;
}

// What CLI11 did not know goes first: a misspelt flag is the reason rather than the value it left missing.
static std::string Unknown(const CLI::App& app, const CLI::App* verb, const std::string& word) {
  if (word.starts_with("-") && word.size() > 1) {
    std::vector<std::string> flags = FlagsOf(app);
    if (verb)
      for (const std::string& flag : FlagsOf(*verb)) flags.push_back(flag);
    return "unknown flag '" + word + "'" + Suggestion(word.substr(0, word.find('=')), flags);
  }
  if (verb) return "unexpected argument '" + word + "'";
  std::vector<std::string> names;
  for (const CLI::App* known : app.get_subcommands({})) names.push_back(known->get_name());
  return "unknown verb '" + word + "'" + Suggestion(word, names);
}

Error UsageError(const CLI::App& app, const CLI::ParseError& e) {
  const CLI::App* verb = app.get_subcommands().empty() ? nullptr : app.get_subcommands().front();
  std::string what = e.what();
  constexpr std::string_view kConfig = "INI was not able to parse ";
  auto extra = app.remaining(true);
  extra.erase(std::find(extra.begin(), extra.end(), "--"), extra.end());  // what follows is known not to be a flag
  if (!extra.empty()) {
    what = Unknown(app, verb, extra.front());
  } else if (dynamic_cast<const CLI::RequiredError*>(&e) && !verb) {
    what = "a verb is missing";
  } else if (what.starts_with(kConfig)) {
    what = what.substr(kConfig.size());
    const bool section = what.ends_with(".++");  // how CLI11 calls the opening of a section
    what =
        "the configuration file has an unknown " + (section ? "section: " + what.substr(0, what.size() - 3) : "key: " + what);
  }
  while (!what.empty() && (what.back() == '\n' || what.back() == '.')) what.pop_back();
  return {Code::kBadInput,
          what + (what.ends_with("?") ? " See 'hasten " : "; see 'hasten ") + (verb ? verb->get_name() + " " : "") + "--help'"};
}

}  // namespace hasten
