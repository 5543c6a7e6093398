// What a verb needs to run a model: the file, a team of threads, the packed weights and the tokenizer.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/threads.h"
#include "cli/verb.h"
#include "formats/gguf.h"
#include "models/model.h"
#include "tokenizer/tokenizer.h"

namespace hasten {

struct Session {
  Gguf file;
  std::unique_ptr<Team> team;
  std::unique_ptr<Model> model;
  const ModelInfo& info() const { return model->info(); }
};

// `--kv f32|f16|bf16|int16|int8`: the number format in which keys and values are kept; `*type` is the default.
CLI::Option* AddKvType(CLI::App& app, KvType* type);

// Packed weights where --pack-cache says; why they could not be read or kept goes to standard error.
PackCacheOptions PackCacheFor(const Common& common);

// Shows progress while it packs. Ctrl-C meanwhile ends the process as usual.
Result<Session> LoadSession(const std::string& path, const Common& common);

}  // namespace hasten
