// One GGUF file's bytes taken apart: what Gguf puts together from the parts of a split file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "formats/gguf.h"

namespace hasten {

struct GgufPart {
  uint32_t version = 0;
  size_t alignment = 32;
  std::vector<GgufEntry> metadata;
  std::map<std::string_view, size_t> keys;  // index into metadata; a map, as no choice of keys makes it slow
  std::vector<GgufTensor> tensors;
};

// Views in the result point into `bytes`. `name` is the file's, for error sentences.
Result<GgufPart> ParseGgufPart(std::span<const std::byte> bytes, const std::string& name, const GgufOptions& options);

GgufNumber DecodeGgufNumber(GgufType type, const std::byte* at);  // BytesOf(type) bytes are there

}  // namespace hasten
