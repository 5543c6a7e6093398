// Random models of every family, small enough to build in a test. Their names are those of the reference models, and they
// hold the same keys and tensors, so that one table of changes serves both.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "tests/tiny/model_edit.h"

namespace hasten {

std::span<const char* const> TinyNames();
ModelEdit TinyModel(const std::string& name);
bool TinyIsBidirectional(const std::string& name);
std::vector<int32_t> TinyTokens(size_t count, uint64_t seed = 1);  // below every tiny model's vocabulary

}  // namespace hasten
