#include "cli/help.h"

#include <sstream>

#include "cli/exit.h"

namespace hasten {

static constexpr size_t kLeft = 28, kWidth = 100;  // columns: where descriptions begin, where lines break

std::string OptionTitle(const CLI::Option& option) {
  if (option.get_positional()) return option.get_single_name();
  std::string title;
  for (const std::string& name : option.get_snames()) title += (title.empty() ? "-" : ", -") + name;
  for (const std::string& name : option.get_lnames()) title += (title.empty() ? "--" : ", --") + name;
  if (option.get_items_expected_max() == 0) return title;
  // CLI11 appends the checks to the type, "UINT:INT in [1 - 8]"; the description says what matters of them.
  std::string type = option.get_type_name();
  type = type.substr(0, type.find(':'));
  return title + " " + (type == "UINT" || type == "INT" ? "N" : type == "FLOAT" ? "X" : type);
}

// `title` on the left, `text` on the right, broken between words.
static void Row(std::ostringstream& out, const std::string& title, const std::string& text) {
  out << "  " << title;
  size_t column = title.size() + 2;
  if (column + 2 > kLeft) {
    out << "\n";
    column = 0;
  }
  out << std::string(kLeft - column, ' ');
  column = kLeft;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (column + 1 + word.size() > kWidth) {
      out << "\n" << std::string(kLeft, ' ');
      column = kLeft;
    } else if (column > kLeft) {
      out << " ";
      ++column;
    }
    out << word;
    column += word.size();
  }
  out << "\n";
}

static void OptionRows(std::ostringstream& out, const char* heading, const CLI::App* app, bool positional) {
  // Every verb's own --help is told of once, among the flags that every verb takes.
  const CLI::Option* skipped = app->get_parent() ? app->get_help_ptr() : nullptr;
  const auto options =
      app->get_options([&](const CLI::Option* o) { return o->get_positional() == positional && o != skipped; });
  if (options.empty()) return;
  out << "\n" << heading << "\n";
  for (const CLI::Option* option : options) {
    const std::string standard = option->get_default_str();
    Row(out, OptionTitle(*option), option->get_description() + (standard.empty() ? "" : " (default: " + standard + ")"));
  }
}

static std::string Usage(const CLI::App* app) {
  std::string usage = "Usage: hasten " + app->get_name();
  for (const CLI::Option* o : app->get_options([](const CLI::Option* option) { return option->get_positional(); }))
    usage += o->get_required() ? " " + o->get_single_name() : " [" + o->get_single_name() + "]";
  return usage + " [flags]\n";
}

std::string HelpFormatter::make_help(const CLI::App* app, std::string, CLI::AppFormatMode) const {
  std::ostringstream out;
  const CLI::App* root = app->get_parent() ? app->get_parent() : app;
  if (app == root) {
    out << app->get_description() << "\nUsage: hasten VERB [arguments] [flags]\n\nVerbs:\n";
    for (const CLI::App* verb : app->get_subcommands({})) Row(out, verb->get_name(), verb->get_description());
    OptionRows(out, "Flags that every verb takes:", app, false);
  } else {
    out << "hasten " << app->get_name() << ": " << app->get_description() << "\n\n" << Usage(app);
    if (!app->get_footer().empty()) out << "\n" << app->get_footer();
    OptionRows(out, "Arguments:", app, true);
    OptionRows(out, "Flags:", app, false);
    OptionRows(out, "Flags that every verb takes:", root, false);
  }
  out << "\n" << (app == root ? app->get_footer() : std::string(kExitCodesHelp));
  return out.str();
}

}  // namespace hasten
