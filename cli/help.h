// How `--help` looks: details as the verb wrote them, arguments and flags in two columns.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace hasten {

class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const override;
};

// "--ctx N", "-o, --out FILE", "MODEL": an option as help and messages show it.
std::string OptionTitle(const CLI::Option& option);

}  // namespace hasten
