// What somebody asks of a scheduler, and what they hear of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/text_stream.h"

namespace hasten {

using JobClock = std::chrono::steady_clock;

struct JobTimes {
  double waited_s = 0;       // from submission until its prompt began to be read
  double first_token_s = 0;  // from submission
  double total_s = 0;
};

// What a job says, in this order: kStarted, any number of kText, one kFinished for each branch, kDone. A job that is cancelled
// or fails early says kDone alone.
struct JobEvent {
  enum class Kind : uint8_t { kStarted, kText, kFinished, kDone };
  Kind kind = Kind::kText;
  size_t branch = 0;                // kText, kFinished
  Piece piece = {};                 // kText
  size_t cached_tokens = 0;         // kStarted: of the prompt
  std::vector<TextToken> prompt{};  // kStarted: from the prompt's second token on, where `prompt_logprobs` asked for it
  Finish finish = Finish::kEnd;     // kFinished, kDone
  std::string stop = {};            // kFinished: the stop string
  size_t generated_tokens = 0;      // kFinished: of this branch; kDone: of all
  size_t thought_tokens = 0;        // kFinished: of these, inside of thoughts
  size_t drafted_tokens = 0, accepted_tokens = 0;  // kDone: guessed, and of these chosen
  JobTimes times = {};                             // kDone
  std::optional<Error> error = {};                 // kDone with kFailed
  std::vector<float> embedding = {};               // kDone of a job with `pooling`
};

// How the final hidden states of a text's tokens become one vector.
enum class Pooling : uint8_t { kMean, kLast };

struct Job {
  std::vector<Token> prompt;
  TextOptions text;
  size_t branches = 1;  // texts that continue the prompt; the first draws with the sampler's seed, others with their own
  std::optional<Pooling> pooling = {};  // nothing is written: the prompt becomes a vector. One branch
  bool prompt_logprobs = false;         // needs the whole prompt computed: nothing of it is taken from the cache
  bool ignore_end = false;              // the model cannot end the text
  int priority = 0;                     // lower goes first
  std::optional<JobClock::time_point> deadline = {};
  std::function<void(JobEvent&&)> tell;  // called by whoever runs the scheduler; must not block
};

}  // namespace hasten
