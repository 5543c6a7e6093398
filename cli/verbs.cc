// All verbs, in the order of `hasten --help`. A new verb is a file of its own and two lines here.
#include "cli/verb.h"

namespace hasten {

extern const Verb kRunVerb;
extern const Verb kChatVerb;
extern const Verb kServeVerb;
extern const Verb kSolveVerb;
extern const Verb kJailVerb;
extern const Verb kRunsVerb;
extern const Verb kReplayVerb;
extern const Verb kReportVerb;
extern const Verb kInspectVerb;
extern const Verb kTokenizeVerb;
extern const Verb kRenderVerb;
extern const Verb kSchemaCheckVerb;
extern const Verb kLogitsVerb;
extern const Verb kQuantizeVerb;
extern const Verb kPerplexityVerb;
extern const Verb kSynthVerb;
extern const Verb kBenchVerb;
extern const Verb kCompletionsVerb;

std::span<const Verb* const> Verbs() {
  static constexpr const Verb* kVerbs[] = {
      &kRunVerb,    &kChatVerb,     &kServeVerb,      &kSolveVerb,    &kJailVerb,   &kRunsVerb,
      &kReplayVerb, &kReportVerb,   &kInspectVerb,    &kTokenizeVerb, &kRenderVerb, &kSchemaCheckVerb,
      &kLogitsVerb, &kQuantizeVerb, &kPerplexityVerb, &kSynthVerb,    &kBenchVerb,  &kCompletionsVerb,
  };
  return kVerbs;
}

}  // namespace hasten
