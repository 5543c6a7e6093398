#include "cli/sampling_flags.h"

namespace hasten {

void DeclareSampling(CLI::App& app, SamplerOptions& s, bool& greedy) {
  app.add_flag("--greedy", greedy, "always the likeliest token (temperature 0)");
  app.add_option("--temperature,--temp", s.temperature, "0: the likeliest token; 1: as the model has it")
      ->capture_default_str();
  app.add_option("--top-k", s.top_k, "choose among the K likeliest; 0: all")->capture_default_str();
  app.add_option("--top-p", s.top_p, "choose among the likeliest that together have this share; 1: all")->capture_default_str();
  app.add_option("--min-p", s.min_p, "drop what has less than this share of the likeliest; 0: nothing")->capture_default_str();
  app.add_option("--repetition-penalty", s.repetition_penalty, "weakens tokens seen lately; 1: not")->capture_default_str();
  app.add_option("--presence-penalty", s.presence_penalty, "taken from logits of tokens seen lately")->capture_default_str();
  app.add_option("--frequency-penalty", s.frequency_penalty, "the same for each time seen")->capture_default_str();
  app.add_option("--penalty-window", s.penalty_window, "how many tokens back counts as lately")->capture_default_str();
  app.add_option("--seed", s.seed, "another seed, another text")->capture_default_str();
}

}  // namespace hasten
