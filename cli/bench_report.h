// The figures as one page of HTML that needs nothing else: the roofline of this machine with each operation on it, and tokens
// per second over the number of branches, beside the peer.
#pragma once

#include <string>
#include <vector>

#include "cli/bench_profile.h"

namespace hasten {

struct BenchReport {
  std::string title, machine;  // one line each
  std::string peer;            // empty: none
  MachineLimits limits;
  std::vector<Figure> figures;
  std::vector<StepProfile> profiles;
};
std::string ReportHtml(const BenchReport& report);

}  // namespace hasten
