// What this machine could do, measured when somebody first wants to know and kept: the speed of the models is shown beside it.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "engine/floor.h"
#include "serve/models.h"

namespace hasten {

class Measured {
 public:
  explicit Measured(Models& models) : models_(models) {}

  // Measures the machine, and how fast it reads what each loaded model reads for a token; what is known already is not measured
  // again. Takes the processors for about half a second, between two steps of the models. Not on a thread that speaks HTTP.
  void Measure();
  std::optional<MachineLimits> machine() const;
  // The tokens a second that this machine could write at most at this work, the rows of which are one token each. Nothing where
  // it has not been measured.
  std::optional<double> Limit(const std::string& model, const ModelInfo& info, const PassWork& work) const;

 private:
  Models& models_;
  std::mutex measuring_;      // one measures, the others wait for it
  mutable std::mutex mutex_;  // guards what follows
  std::optional<MachineLimits> machine_;
  std::map<std::string, double> read_bytes_;  // by model, a second
};

}  // namespace hasten
