// A recorded run as one HTML page that stands alone: no script, no request, nothing from elsewhere.
#pragma once

#include <string>
#include <vector>

#include "solve/log/run_log.h"

namespace hasten::solve {

// Whether of two scores the smaller one is better, as the task said when it was run.
bool LowerIsBetter(const RunRecord& run);
// `lower`: of two scores the smaller one is better.
std::string ReportPage(const RunRecord& run, const std::vector<TrialRecord>& trials, bool lower);

// Text made fit for HTML, in elements and in quoted attributes. Control characters but tabs and line breaks become U+FFFD.
std::string HtmlText(const std::string& text);

}  // namespace hasten::solve
