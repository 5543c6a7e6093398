// Every feature of every family, as a change to a model file that leaves it out: a test that cannot tell the difference
// would not notice the feature missing from the code either.
#pragma once

#include <span>

#include "tests/tiny/model_edit.h"

namespace hasten {

struct Feature {
  const char* model;  // a name of TinyNames() and of the reference models
  const char* what;
  void (*leave_out)(ModelEdit&);
  bool in_reference = true;  // whether the reference model can tell
};

std::span<const Feature> Features();

}  // namespace hasten
