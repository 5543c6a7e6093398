// Drafts what a smaller model would write. It chooses as the large one does, with the same random number at the same position,
// so that two models which agree on the probabilities agree on the token.
#pragma once

#include "engine/drafter.h"
#include "engine/writer.h"

namespace hasten {

class ModelDrafter : public Drafter {
 public:
  // Opens a sequence of `engine`, the small model's, which has to outlive the drafter; the prompt is read with the first looks,
  // a chunk each, and nothing is guessed until then.
  static Result<std::unique_ptr<Drafter>> Create(Engine& engine, Writer::Choose choose, std::span<const int32_t> prompt);
  ~ModelDrafter() override { engine_.Close(seq_); }

  std::span<const double> Expectations() const override;
  std::optional<size_t> Look(std::span<const int32_t> text) override;
  Status Draft(size_t count, std::vector<int32_t>& tokens) override;

 private:
  ModelDrafter(Engine& engine, SequenceId seq, Writer::Choose choose)
      : engine_(engine), seq_(seq), choose_(std::move(choose)) {}
  Status ReturnTo(std::span<const int32_t> text);
  bool Knows(std::span<const int32_t> tokens) const;

  Engine& engine_;
  const SequenceId seq_;
  const Writer::Choose choose_;
  std::vector<int32_t> text_;  // of the last Look, and what has been drafted behind it
};

}  // namespace hasten
