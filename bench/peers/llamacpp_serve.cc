// The traffic of bench/serve.py answered by llama.cpp, as llama-server does it: continuous batching through its C API, the
// shared prefix read once and copied to each request by llama_memory_seq_cp. No HTTP, no text: the library alone.
//
//   llamacpp_serve MODEL.gguf THREADS CLIENTS REQUESTS PREFIX OWN ANSWER
//
// CLIENTS sequences write at the same time; each of the REQUESTS of a client has PREFIX shared tokens, OWN of its own and an
// answer of ANSWER, chosen by a plain arg-max. Prints one JSON object: seconds from the first token read to the last chosen.
//
// Source   llama.h of llama.cpp, and how tools/server uses it.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "ggml-backend.h"
#include "llama.h"

namespace {

double Now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

struct Traffic {
  int threads, clients, requests, prefix, own, answer;
};

// What bench/serve.py sends: token i of the prefix (request -1), or of a request.
llama_token TokenOf(int request, int i) { return llama_token(((request + 1) * 104729 + i * 7919 + 13) % 1000); }

struct Slot {
  int done = 0;      // requests
  int request = 0;   // the one in progress, over all clients
  int written = 0;   // of its answer
  int at = 0;        // of the batch: where its logits are
  llama_token last;  // chosen
};

class Server {
 public:
  Server(llama_context* context, int vocab, const Traffic& traffic)
      : context_(context),
        memory_(llama_get_memory(context)),
        vocab_(vocab),
        traffic_(traffic),
        batch_(llama_batch_init(2048, 0, 1)),
        slots_(size_t(traffic.clients)) {}
  ~Server() { llama_batch_free(batch_); }

  void Run() {
    ReadPrefix();
    for (;;) {
      batch_.n_tokens = 0;
      for (int s = 0; s < traffic_.clients; ++s) AddSlot(s);
      if (batch_.n_tokens == 0) return;
      Decode();
      for (int s = 0; s < traffic_.clients; ++s)
        if (slots_[size_t(s)].done < traffic_.requests) Take(s);
    }
  }

 private:
  void Add(llama_token token, int position, int sequence, bool logits) {
    const int i = batch_.n_tokens++;
    batch_.token[i] = token;
    batch_.pos[i] = position;
    batch_.n_seq_id[i] = 1;
    batch_.seq_id[i][0] = sequence;
    batch_.logits[i] = logits;
  }
  void Decode() {
    if (llama_decode(context_, batch_) == 0) return;
    std::fprintf(stderr, "llamacpp_serve: decode failed\n");
    std::exit(1);
  }
  void ReadPrefix() {
    for (int at = 0; at < traffic_.prefix;) {
      batch_.n_tokens = 0;
      for (; at < traffic_.prefix && batch_.n_tokens < 512; ++at) Add(TokenOf(-1, at), at, traffic_.clients, false);
      Decode();
    }
  }
  // The request's own tokens where it is new, else the token chosen last.
  void AddSlot(int s) {
    Slot& slot = slots_[size_t(s)];
    if (slot.done == traffic_.requests) return;
    if (slot.written == 0) {
      slot.request = s * traffic_.requests + slot.done;
      llama_memory_seq_cp(memory_, traffic_.clients, s, -1, -1);
      for (int i = 0; i < traffic_.own; ++i) Add(TokenOf(slot.request, i), traffic_.prefix + i, s, i + 1 == traffic_.own);
    } else {
      Add(slot.last, traffic_.prefix + traffic_.own + slot.written - 1, s, true);
    }
    slot.at = batch_.n_tokens - 1;
  }
  void Take(int s) {
    Slot& slot = slots_[size_t(s)];
    const float* logits = llama_get_logits_ith(context_, slot.at);
    slot.last = llama_token(std::max_element(logits, logits + vocab_) - logits);
    if (++slot.written < traffic_.answer) return;
    llama_memory_seq_rm(memory_, s, -1, -1);
    slot.written = 0;
    ++slot.done;
  }

  llama_context* context_;
  llama_memory_t memory_;
  const int vocab_;
  const Traffic traffic_;
  llama_batch batch_;
  std::vector<Slot> slots_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 8) {
    std::fprintf(stderr, "usage: see the head of the source\n");
    return 2;
  }
  const auto number = [&](int i) { return std::atoi(argv[i]); };
  const Traffic traffic = {number(2), number(3), number(4), number(5), number(6), number(7)};
  llama_log_set([](ggml_log_level, const char*, void*) {}, nullptr);
  const char* const libraries = std::getenv("LLAMACPP_LIBS");
  libraries ? ggml_backend_load_all_from_path(libraries) : ggml_backend_load_all();
  llama_backend_init();
  llama_model* model = llama_model_load_from_file(argv[1], llama_model_default_params());
  if (!model) {
    std::fprintf(stderr, "llamacpp_serve: cannot load %s\n", argv[1]);
    return 1;
  }
  llama_context_params params = llama_context_default_params();
  params.n_ctx = uint32_t(traffic.prefix + traffic.clients * (traffic.own + traffic.answer) + 512);
  params.n_batch = 2048;
  params.n_ubatch = 512;
  params.n_seq_max = uint32_t(traffic.clients + 1);
  params.n_threads = params.n_threads_batch = traffic.threads;
  params.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_ENABLED;
  params.kv_unified = true;
  llama_context* context = llama_init_from_model(model, params);
  if (!context) {
    std::fprintf(stderr, "llamacpp_serve: cannot make a context\n");
    return 1;
  }
  const double start = Now();
  Server(context, llama_vocab_n_tokens(llama_model_get_vocab(model)), traffic).Run();
  const double seconds = Now() - start, tokens = double(traffic.clients) * traffic.requests * traffic.answer;
  std::printf("{\"engine\": \"llama.cpp\", \"tokens\": %.0f, \"seconds\": %.3f, \"tokens_per_s\": %.1f}\n", tokens, seconds,
              tokens / seconds);
  llama_free(context);
  llama_model_free(model);
}
