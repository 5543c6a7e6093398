// Feeds tokens to a model with a key/value cache of the test's own: sequences, forks, steps of many sequences.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/aligned.h"
#include "base/threads.h"
#include "models/model.h"

namespace hasten {

class Runner {
 public:
  struct Options {
    size_t lanes = 1, max_rows = 128, blocks = 512;
    KvType kv = KvType::kF32;
    bool bidirectional = false;
  };
  struct Feed {
    size_t sequence;
    std::vector<int32_t> tokens;
  };

  Runner(const Model& model, Options options);
  size_t NewSequence();
  size_t Fork(size_t sequence);  // whole blocks are shared, the unfinished one and the state copied
  // One step of all feeds: logits [rows, V] of every row, in feed order.
  std::vector<float> Feeds(const std::vector<Feed>& feeds);
  // All of `tokens` into a new sequence, `chunk` at a time (0: at once).
  std::vector<float> Whole(const std::vector<int32_t>& tokens, size_t chunk = 0);

 private:
  struct Sequence {
    std::vector<int32_t> blocks;
    size_t past = 0;
    std::vector<float> state;
  };
  int32_t NewBlock();

  const Model& model_;
  Options options_;
  Team team_;
  AlignedBuffer<std::byte> memory_;
  KvView kv_;
  int32_t used_ = 0;
  std::unique_ptr<Scratch> scratch_;
  std::vector<Sequence> sequences_;
};

// For test data that must be good: throw where it is not. A Gguf parsed from memory must outlive its model.
Gguf MustOpen(const std::string& path);
std::unique_ptr<Model> MustLoad(const Gguf& file, size_t lanes = 1, const LoadOptions& options = {});

}  // namespace hasten
