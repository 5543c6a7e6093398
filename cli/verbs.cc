// All verbs, in the order of `hasten --help`. A new verb is a file of its own and two lines here.
#include "cli/verb.h"

namespace hasten {

extern const Verb kTokenizeVerb;
extern const Verb kRunVerb;
extern const Verb kBenchVerb;
extern const Verb kPerplexityVerb;
extern const Verb kLogitsVerb;
extern const Verb kCompletionsVerb;
extern const Verb kQuantizeVerb;
extern const Verb kSynthVerb;

std::span<const Verb* const> Verbs() {
  static constexpr const Verb* kVerbs[] = {
      &kTokenizeVerb, &kRunVerb, &kBenchVerb, &kPerplexityVerb, &kLogitsVerb, &kQuantizeVerb, &kSynthVerb, &kCompletionsVerb,
  };
  return kVerbs;
}

}  // namespace hasten
