// A loaded model: packed weights and a forward pass. Immutable after loading, shared by all sequences.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/threads.h"
#include "formats/gguf.h"
#include "models/ops.h"
#include "models/pack_cache.h"

namespace hasten {

struct ModelInfo {
  std::string family;  // general.architecture
  std::string name;    // general.name, may be empty
  size_t layers = 0, width = 0, vocab = 0;
  size_t trained_context = 0;  // tokens
  size_t kv_layers = 0;        // layers that own keys and values
  size_t heads = 0, kv_heads = 0, head_width = 0;
  size_t window = 0, window_layers = 0;  // of kv_layers so many see only their last `window` positions
  size_t state_floats = 0;               // recurrent state of one sequence, 0 for pure attention
  bool bidirectional = false;            // every row attends to every row
  size_t parameters = 0;
  size_t weight_bytes = 0;                   // packed, all of them
  std::string_view weights_from = "packed";  // or "read" or "mapped", from the pack cache
  size_t bytes_per_token = 0;        // packed weights read to decode one token (experts: those used; the embedding: one row)
  size_t mults_per_token = 0;        // multiply-adds of weight products per token, output head included
  size_t float_mults_per_token = 0;  // of which with weights kept in float (F32, F16, BF16); the others take int8 activations
  size_t head_mults = 0;             // of mults_per_token, output head
  size_t head_bytes = 0;             // of bytes_per_token, output head
  bool head_is_float = false;
  size_t experts = 0, experts_used = 0;  // of each layer that has any
  size_t expert_bytes = 0;               // of bytes_per_token, the experts used
  size_t expert_layers = 0;
};

struct LoadOptions {
  size_t context = 0;                         // tokens that sequences may hold, 0: as trained; LongRoPE picks its factors by it
  bool release_pages = true;                  // let the mapped file's pages go once packed
  std::function<void(double done)> progress;  // 0 to 1
  PackCacheOptions pack_cache;                // off unless it names a folder
};

// Activations of one forward pass of up to `max_rows` rows; sized once, no allocation per token.
class Scratch {
 public:
  virtual ~Scratch() = default;
  virtual Mat logits() const = 0;  // [R, V], valid until the next Forward
  virtual Mat hidden() const = 0;  // [S, D] behind the last norm, so too
  // Experts whose weights were read by all passes so far, each layer's counted for itself.
  virtual size_t experts_read() const { return 0; }
  class Profile* profile = nullptr;  // where passes write down what their operations took; null: nowhere
};

class Model {
 public:
  virtual ~Model() = default;
  virtual const ModelInfo& info() const = 0;
  virtual std::unique_ptr<Scratch> MakeScratch(size_t max_rows, size_t max_logit_rows, size_t lanes) const = 0;
  // Called by every lane of a team with the same arguments. logits go to the scratch.
  virtual void Forward(const Lane&, const Step&, Scratch&, KvView) const = 0;
};

// Packs the weights with all lanes of the team. Unsupported family or tensor type: kUnsupported, naming it and what is
// supported.
Result<std::unique_ptr<Model>> LoadModel(const Gguf& file, Team& team, const LoadOptions& options = {});

// kUnsupported, naming the architecture and those supported, where LoadModel does not know it.
Status CheckFamily(std::string_view architecture);

}  // namespace hasten
