#include "tests/models/runner.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace hasten {

Runner::Runner(const Model& model, Options options) : model_(model), options_(options), team_(options.lanes) {
  const ModelInfo& info = model.info();
  kv_.kv_heads = info.kv_heads;
  kv_.head_width = info.head_width;
  kv_.type = options.kv;
  kv_.block_bytes = KvBlockBytes(info.kv_heads, info.head_width, options.kv);
  kv_.layer_bytes = kv_.block_bytes * options.blocks;
  memory_ = AlignedBuffer<std::byte>(kv_.layer_bytes * info.kv_layers);
  for (size_t i = 0; i < memory_.size(); ++i)
    memory_[i] = std::byte{0xff};  // NaN in every type: what nobody wrote must not matter
  kv_.base = memory_.data();
  scratch_ = model.MakeScratch(options.max_rows, options.max_rows, options.lanes);
}

size_t Runner::NewSequence() {
  sequences_.push_back({.blocks = {}, .past = 0, .state = std::vector<float>(model_.info().state_floats)});
  return sequences_.size() - 1;
}

int32_t Runner::NewBlock() {
  if (size_t(used_) == options_.blocks) throw std::logic_error("the test's cache is full");
  return used_++;
}

size_t Runner::Fork(size_t sequence) {
  Sequence fork = sequences_[sequence];
  if (fork.past % kKvBlock != 0) {
    const int32_t own = NewBlock();
    for (size_t l = 0; l < model_.info().kv_layers; ++l)
      std::memcpy(kv_.Block(l, own), kv_.Block(l, fork.blocks.back()), kv_.block_bytes);
    fork.blocks.back() = own;
  }
  sequences_.push_back(std::move(fork));
  return sequences_.size() - 1;
}

std::vector<float> Runner::Feeds(const std::vector<Feed>& feeds) {
  std::vector<int32_t> tokens, positions, rows;
  std::vector<SeqView> views;
  for (const Feed& feed : feeds) {
    Sequence& s = sequences_[feed.sequence];
    while (s.blocks.size() * kKvBlock < s.past + feed.tokens.size()) s.blocks.push_back(NewBlock());
    views.push_back({s.blocks.data(), s.past, tokens.size(), feed.tokens.size(), s.state.data()});
    for (size_t i = 0; i < feed.tokens.size(); ++i) {
      rows.push_back(int32_t(tokens.size()));
      tokens.push_back(feed.tokens[i]);
      positions.push_back(int32_t(s.past + i));
    }
    s.past += feed.tokens.size();
  }
  const Step step{
      .tokens = tokens, .positions = positions, .seqs = views, .logit_rows = rows, .bidirectional = options_.bidirectional};
  team_.Run([&](const Lane& lane) { model_.Forward(lane, step, *scratch_, kv_); });
  const Mat logits = scratch_->logits();
  std::vector<float> out;
  for (size_t r = 0; r < logits.rows; ++r) out.insert(out.end(), logits.row(r), logits.row(r) + logits.width);
  return out;
}

std::vector<float> Runner::Whole(const std::vector<int32_t>& tokens, size_t chunk) {
  if (chunk == 0) chunk = tokens.size();
  const size_t sequence = NewSequence();
  std::vector<float> out;
  for (size_t begin = 0; begin < tokens.size(); begin += chunk) {
    const size_t end = std::min(tokens.size(), begin + chunk);
    const std::vector<float> part = Feeds({{sequence, {tokens.begin() + long(begin), tokens.begin() + long(end)}}});
    out.insert(out.end(), part.begin(), part.end());
  }
  return out;
}

Gguf MustOpen(const std::string& path) {
  auto file = Gguf::Open(path);
  if (!file) throw std::runtime_error(file.error().what);
  return *std::move(file);
}

std::unique_ptr<Model> MustLoad(const Gguf& file, size_t lanes, const LoadOptions& options) {
  Team team(lanes);
  auto model = LoadModel(file, team, options);
  if (!model) throw std::runtime_error(model.error().what);
  return *std::move(model);
}

}  // namespace hasten
