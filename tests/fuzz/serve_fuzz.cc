// The readers of request bodies: any bytes as the body of any path, on a small model.
#include <unistd.h>

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <optional>

#include "convert/synth.h"
#include "serve/service.h"
#include "tests/fuzz/fuzz_target.h"

namespace hasten {
namespace {

constexpr const char* kPaths[] = {"/v1/completions", "/v1/chat/completions",
                                  "/v1/messages",    "/v1/messages/count_tokens",
                                  "/api/chat",       "/api/generate",
                                  "/api/show",       "/apply-template",
                                  "/tokenize",       "/detokenize",
                                  "/v1/responses",   "/v1/embeddings",
                                  "/api/embed",      "/infill",
                                  "/completion",     "/api/embeddings"};
constexpr const char* kSeeds[] = {
    R"({"prompt": ["a", [1, 2]], "max_tokens": 3, "n": 2, "echo": true, "logprobs": 2, "stop": ["x"], "logit_bias": {"5": 1}, "seed": 1})",
    R"({"messages": [{"role": "user", "content": [{"type": "text", "text": "x"}]}], "stream": true, "max_tokens": 2, "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}], "response_format": {"type": "json_object"}})",
    R"({"messages": [{"role": "user", "content": [{"type": "tool_result", "tool_use_id": "a", "content": "b"}]}], "max_tokens": 2, "system": "s", "thinking": {"type": "enabled"}})",
    R"({"messages": [{"role": "user", "content": "x"}]})",
    R"({"messages": [{"role": "user", "content": "x"}], "options": {"num_predict": 2}, "format": {"enum": [1]}})",
    R"({"prompt": "x", "system": "y", "options": {"num_predict": 2}, "think": true})",
    R"({"model": "m"})",
    R"({"messages": [{"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": "{"}}]}]})",
    R"({"content": "x", "with_pieces": true})",
    R"({"tokens": [1, 2, 3]})",
    R"({"input": [{"role": "user", "content": "x"}, {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{\"a\":"}, {"type": "function_call_output", "call_id": "c", "output": "1"}, {"type": "reasoning", "content": [{"text": "h"}]}, {"type": "item_reference", "id": "m"}], "instructions": "i", "max_output_tokens": 2, "tools": [{"type": "function", "name": "f", "parameters": {"type": "object"}}, {"type": "web_search"}], "tool_choice": {"type": "allowed_tools", "mode": "auto", "tools": [{"name": "f"}]}, "parallel_tool_calls": false, "text": {"format": {"type": "json_schema", "schema": {"const": 1}}}, "reasoning": {"effort": "low", "max_tokens": 1}, "stream": true})",
    R"({"input": ["a", [1, 2], "b"], "encoding_format": "base64", "dimensions": 3})",
    R"({"input": ["a", "b"], "truncate": false})",
    R"({"input_prefix": "a", "input_suffix": "b", "prompt": "c", "input_extra": [{"filename": "f", "text": "t"}], "n_predict": 2})",
    R"({"prompt": ["a", 5], "n_predict": 2, "n_probs": 1, "json_schema": {"const": 1}})",
    R"({"prompt": "x"})",
};

// One answer; what is posted runs on the thread that waits for it.
class WaitingReply final : public Reply {
 public:
  void Send(HttpResponse response) override { Finish(response.status); }
  void Begin(HttpResponse head) override { status_ = head.status; }
  void Write(std::string) override {}
  void End() override { Finish(status_); }
  void Post(std::function<void()> work) override {
    const std::lock_guard lock(mutex_);
    work_.push_back(std::move(work));
    changed_.notify_one();
  }
  void OnGone(std::function<void()>) override {}
  void Warn(std::string_view) override {}
  int Wait() {
    std::unique_lock lock(mutex_);
    while (!done_ || !work_.empty()) {
      changed_.wait(lock, [&] { return done_ || !work_.empty(); });
      auto work = std::move(work_);
      work_.clear();
      lock.unlock();
      for (const auto& w : work) w();
      lock.lock();
    }
    return *done_;
  }

 private:
  void Finish(int status) {
    const std::lock_guard lock(mutex_);
    if (!done_) done_ = status;
    changed_.notify_one();
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::function<void()>> work_;
  std::optional<int> done_;
  int status_ = 0;
};

std::unique_ptr<Models> MakeModels() {
  const std::string path =
      (std::filesystem::temp_directory_path() / ("hasten-serve-fuzz-" + std::to_string(::getpid()))).string();
  SynthOptions options;
  options.shape = {.name = "tiny",
                   .family = "llama",
                   .layers = 1,
                   .width = 32,
                   .heads = 2,
                   .kv_heads = 1,
                   .head_width = 16,
                   .ffn = 64,
                   .vocab = 300,
                   .context = 128};
  options.mix = *FindMix("Q8_0");
  options.control_tokens = {"<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<think>", "</think>"};
  auto file = FileWriter::Create(path, FileWriter::IfExists::kReplace);
  FUZZ_CHECK(bool(file) && bool(Synthesise(options, *std::move(file))));
  auto models = Models::Open({{.path = path, .names = {"m"}}}, {.worker = {.memory_bytes = 4 << 20, .max_sequences = 4}});
  FUZZ_CHECK(models);
  std::filesystem::remove(path);  // it stays mapped
  return *std::move(models);
}

}  // namespace

void FuzzOne(std::span<const std::byte> input) {
  static const std::unique_ptr<Models> models = MakeModels();
  static Service service(*models, [] {
    ServiceOptions options;
    options.log_requests = false;
    return options;
  }());
  if (input.empty()) return;
  auto request = std::make_shared<HttpRequest>();
  request->method = "POST";
  request->path = kPaths[size_t(input[0]) % std::size(kPaths)];
  request->body.assign(reinterpret_cast<const char*>(input.data()) + 1, input.size() - 1);
  const auto reply = std::make_shared<WaitingReply>();
  service.Handle(request, reply);
  FUZZ_CHECK(reply->Wait() < 500);
}

std::vector<std::string> FuzzSeeds() {
  std::vector<std::string> seeds;
  for (size_t i = 0; i < std::size(kSeeds); ++i) seeds.push_back(std::string(1, char(i)) + kSeeds[i]);
  return seeds;
}

}  // namespace hasten
