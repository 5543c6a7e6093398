#include "cli/verb.h"

#include <cmath>
#include <cstdlib>

#include "base/threads.h"

namespace hasten {

CLI::Option* OutputFlags::Declare(CLI::App& app, const char* help) {
  app.add_flag("--force", force, "replace the output file where it exists");
  return app.add_option("-o,--out", path, help)->type_name("FILE");
}

Result<FileWriter> OutputFlags::Open() const {
  return FileWriter::Create(path, force ? FileWriter::IfExists::kReplace : FileWriter::IfExists::kRefuse);
}

Result<size_t> ParseSize(const std::string& text) {
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  const std::string unit = end;
  static const std::string kUnits = "KMGT";
  double scale = 1;
  size_t used = 0;
  if (!unit.empty())
    if (const size_t power = kUnits.find(char(std::toupper(unit[0]))); power != std::string::npos) {
      scale = std::ldexp(1.0, 10 * int(power + 1));
      used = 1;
    }
  const std::string rest = unit.substr(used);
  const bool known = rest.empty() || rest == "B" || rest == "b" || (used == 1 && rest == "iB");
  const double bytes = number * scale;
  if (end == text.c_str() || !known || !(bytes >= 1 && bytes < 0x1p62))
    return Error{Code::kBadInput, Fmt("'%s' is not a size; write for example 512M or 4G", text.c_str())};
  return size_t(bytes);
}

CLI::Option* AddSize(CLI::App& app, const char* names, size_t* bytes, const char* help) {
  return app
      .add_option_function<std::string>(
          names,
          [names, bytes](const std::string& text) {
            const auto size = ParseSize(text);
            if (!size) throw CLI::ValidationError(names, size.error().what);
            *bytes = *size;
          },
          help)
      ->type_name("SIZE");
}

CLI::Option* AddList(CLI::App& app, const char* names, std::vector<size_t>* values, size_t least, size_t most,
                     const char* help) {
  return app.add_option(names, *values, help)->delimiter(',')->check(CLI::Range(least, most))->type_name("N,N,…");
}

}  // namespace hasten
