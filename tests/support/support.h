// What tests of several layers need: where the shared data lies, folders that go away, files of floats.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace hasten {

// `relative` below $HASTEN_SHARED, else below ../shared beside the source tree; nothing where that does not exist.
std::optional<std::string> SharedPath(const std::string& relative);

// `relative` below the source tree: tables that tests read.
std::string SourcePath(const std::string& relative);

// Declares `std::string path`, or skips the test and says why.
#define HASTEN_SHARED_OR_SKIP(path, relative)                                                       \
  const auto path##_found = ::hasten::SharedPath(relative);                                         \
  if (!path##_found) GTEST_SKIP() << "the shared data has no '" << (relative) << "': not compared"; \
  const std::string path = *path##_found

// A folder of its own for one test, removed with all that is in it.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// Whole files; a missing file fails the test and reads as empty.
std::string ReadBytes(const std::string& path);
std::vector<float> ReadFloats(const std::string& path);  // little-endian float32
void WriteBytes(const std::string& path, const std::string& bytes);

// Sum of squared differences over sum of squares of `expected`; infinite where sizes differ or anything is not finite.
double NormalisedError(const std::vector<float>& got, const std::vector<float>& expected);

}  // namespace hasten
