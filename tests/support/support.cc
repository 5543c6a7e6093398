#include "tests/support/support.h"

#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <limits>
#include <sstream>

namespace hasten {

std::optional<std::string> SharedPath(const std::string& relative) {
  const char* root = std::getenv("HASTEN_SHARED");
  const std::filesystem::path path = std::filesystem::path(root ? root : HASTEN_SOURCE_DIR "/../shared") / relative;
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return std::nullopt;
  return path.string();
}

std::string SourcePath(const std::string& relative) { return HASTEN_SOURCE_DIR "/" + relative; }

TempDir::TempDir() {
  std::string pattern = (std::filesystem::temp_directory_path() / "hasten-test-XXXXXX").string();
  if (!::mkdtemp(pattern.data())) ADD_FAILURE() << "cannot make a folder like " << pattern;
  path_ = pattern;
}

TempDir::~TempDir() {
  std::error_code error;
  std::filesystem::remove_all(path_, error);
}

std::string ReadBytes(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) ADD_FAILURE() << "cannot open " << path;
  std::ostringstream bytes;
  bytes << in.rdbuf();
  return bytes.str();
}

std::vector<float> ReadFloats(const std::string& path) {
  const std::string bytes = ReadBytes(path);
  EXPECT_EQ(bytes.size() % sizeof(float), 0u) << path;
  std::vector<float> floats(bytes.size() / sizeof(float));
  if (!floats.empty()) std::memcpy(floats.data(), bytes.data(), floats.size() * sizeof(float));
  return floats;
}

void WriteBytes(const std::string& path, const std::string& bytes) {
  std::ofstream out(path, std::ios::binary);
  out.write(bytes.data(), std::streamsize(bytes.size()));
  EXPECT_TRUE(out.good()) << path;
}

double NormalisedError(const std::vector<float>& got, const std::vector<float>& expected) {
  constexpr double kWrong = std::numeric_limits<double>::infinity();
  if (got.size() != expected.size() || expected.empty()) return kWrong;
  double error = 0, size = 0;
  for (size_t i = 0; i < got.size(); ++i) {
    const double difference = double(got[i]) - expected[i];
    error += difference * difference;
    size += double(expected[i]) * expected[i];
  }
  const double ratio = size > 0 ? error / size : error > 0 ? kWrong : 0;
  return std::isfinite(ratio) ? ratio : kWrong;
}

}  // namespace hasten
