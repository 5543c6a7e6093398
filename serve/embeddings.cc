// POST /v1/embeddings of the OpenAI dialect, /api/embed and /api/embeddings of Ollama's: texts as vectors of length 1.
// Source: OpenAI's API reference, "Embeddings"; Ollama's docs/api.md; llama.cpp's pooling_type.
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <functional>
#include <utility>

#include "serve/routes.h"
#include "serve/service.h"

namespace hasten {
namespace {

struct Request {
  std::vector<std::vector<Token>> inputs;
  size_t dimensions = 0;  // that are kept
  bool base64 = false;
};

struct Vectors {
  std::vector<std::vector<float>> all;  // by input
  size_t tokens = 0, cached = 0;
  double seconds = 0;
};

// Sends inputs to the worker, some at a time so that a long list does not fill its queue, and then answers. All of it happens
// on the reply's thread.
class EmbeddingAnswer : public std::enable_shared_from_this<EmbeddingAnswer> {
 public:
  using Show = std::function<Json(Vectors&)>;
  EmbeddingAnswer(std::shared_ptr<Call> call, std::shared_ptr<Worker> worker, Request request, Pooling pooling, Show show)
      : call_(std::move(call)),
        worker_(std::move(worker)),
        request_(std::move(request)),
        pooling_(pooling),
        show_(std::move(show)) {}

  void Start() {
    vectors_.all.resize(request_.inputs.size());
    left_ = request_.inputs.size();
    call_->reply->OnGone([weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->Stop();
    });
    for (size_t i = 0; i < worker_->max_sequences() && !over_; ++i) Next();
  }

 private:
  void Next() {
    if (next_ == request_.inputs.size()) return;
    const size_t i = next_++;
    vectors_.tokens += request_.inputs[i].size();
    Job job;
    job.prompt = std::move(request_.inputs[i]);
    job.pooling = pooling_;
    job.tell = [self = shared_from_this(), i](JobEvent&& event) {
      self->call_->reply->Post([self, i, event = std::make_shared<JobEvent>(std::move(event))] { self->Take(i, *event); });
    };
    const auto id = worker_->Submit(std::move(job));
    if (!id) return Fail(RefusalOf(id.error()));
    ids_.push_back(*id);
  }

  void Take(size_t i, JobEvent& event) {
    if (over_) return;
    if (event.kind == JobEvent::Kind::kStarted) vectors_.cached += event.cached_tokens;
    if (event.kind != JobEvent::Kind::kDone) return;
    if (event.finish != Finish::kEnd)
      return Fail(RefusalOf(event.error.value_or(Error{Code::kCancelled, "the server is stopping: ask again later"})));
    vectors_.seconds = std::max(vectors_.seconds, event.times.total_s);
    vectors_.all[i] = Normalised(std::move(event.embedding));
    Next();
    if (over_ || --left_ > 0) return;
    over_ = true;
    call_->Answer(show_(vectors_));
  }

  // The first dimensions, as a vector of length 1; zeros stay.
  std::vector<float> Normalised(std::vector<float> v) const {
    v.resize(request_.dimensions);
    double squares = 0;
    for (const float x : v) squares += double(x) * double(x);
    const double length = std::sqrt(squares);
    for (float& x : v) x = length > 0 ? float(double(x) / length) : 0;
    return v;
  }

  void Stop() {
    over_ = true;
    for (const JobId id : ids_) worker_->Cancel(id);
  }
  void Fail(Refusal refusal) {
    Stop();
    if (refusal.status == 429) refusal.retry_after_s = worker_->RetryAfterSeconds();
    call_->Refuse(refusal);
  }

  const std::shared_ptr<Call> call_;
  const std::shared_ptr<Worker> worker_;
  Request request_;
  const Pooling pooling_;
  const Show show_;
  Vectors vectors_;
  std::vector<JobId> ids_;
  size_t next_ = 0, left_ = 0;
  bool over_ = false;
};

// How the model's file says it is to be used; mean where it says nothing.
Pooling PoolingOf(const Call& call, Reading& reading) {
  const Models& models = call.service.models();
  const auto index = models.Find(call.model);
  if (!index) return Pooling::kMean;
  const Models::Served& served = models.all()[*index];
  const auto type = served.file.GetUint(served.family + ".pooling_type", 1);
  switch (type ? *type : 1) {
    case 0:
    case 1:
      return Pooling::kMean;
    case 3:
      return Pooling::kLast;
    default:
      reading.Refuse("model",
                     Fmt("model: its file asks for pooling of type %zu, and mean (1) and last (3) are known", size_t(*type)));
      return Pooling::kMean;
  }
}

enum class TooLong : uint8_t { kRefuse, kCut };

// A text, a list of texts, a list of tokens, or a list of such lists.
void ReadInputs(Fields& fields, const char* name, const Worker& worker, TooLong too_long, Call& call, Request& request) {
  constexpr size_t kMost = 2048;  // OpenAI's limit
  const Tokenizer& tokenizer = worker.tokenizer();
  const auto add = [&](std::vector<Token> tokens, const std::string& path) {
    if (tokens.empty()) return fields.Refuse(path, "is empty");
    if (tokens.size() > worker.context() && too_long == TooLong::kRefuse) {
      if (fields.ok()) fields.reading().refusal = BeyondContext(path, tokens.size(), worker.context(), path);
      return;
    }
    if (tokens.size() > worker.context()) {
      call.reply->Warn(
          Fmt("%s has %zu tokens and was cut to the context of %zu", path.c_str(), tokens.size(), worker.context()));
      tokens.resize(worker.context());
    }
    request.inputs.push_back(std::move(tokens));
  };
  const auto encode = [&](const Json& text) {
    return tokenizer.Encode(text.get_ref<const std::string&>(), {.add_special = true, .parse_special = true});
  };
  const auto tokens_of = [&](const Json& list, const std::string& path) {
    std::vector<Token> tokens;
    for (const Json& entry : list) {
      const bool fits = entry.is_number_integer() && entry >= 0 && entry < int64_t(tokenizer.size());
      if (!fits) {
        fields.Refuse(path, Fmt("has to hold tokens, whole numbers from 0 to %zu", tokenizer.size() - 1));
        return std::vector<Token>();
      }
      tokens.push_back(entry.get<Token>());
    }
    return tokens;
  };
  const Json* input = fields.Any(name);
  if (input && input->is_string()) return add(encode(*input), name);
  if (!input || !input->is_array() || input->empty())
    return fields.Refuse(name, "has to be a text, a list of texts, a list of tokens or a list of such lists");
  if ((*input)[0].is_number()) return add(tokens_of(*input, name), name);
  if (input->size() > kMost) return fields.Refuse(name, Fmt("has %zu entries and may have %zu", input->size(), kMost));
  for (size_t i = 0; i < input->size() && fields.ok(); ++i) {
    const Json& entry = (*input)[i];
    const std::string path = std::string(name) + "[" + std::to_string(i) + "]";
    if (entry.is_string()) {
      add(encode(entry), path);
    } else if (entry.is_array()) {
      add(tokens_of(entry, path), path);
    } else {
      fields.Refuse(path, std::string("has to be a text or a list of tokens and is ") + entry.type_name());
    }
  }
}

void ReadDimensions(Fields& fields, const Worker& worker, Request& request) {
  const auto width = int64_t(worker.info().width);
  request.dimensions = size_t(fields.Integer("dimensions", width, 1, width));
}

// As few digits as tell the number apart from its neighbours.
Json ShortNumbers(const std::vector<float>& vector) {
  Json list = Json::array();
  for (const float x : vector) {
    char digits[32];
    const auto end = std::to_chars(digits, digits + sizeof digits, x).ptr;
    double value = 0;
    std::from_chars(digits, end, value);
    list.push_back(value);
  }
  return list;
}

// Four bytes a number, least significant first.
std::string Base64(const std::vector<float>& vector) {
  static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  for (const float x : vector) {
    const auto bits = std::bit_cast<uint32_t>(x);
    for (int shift = 0; shift < 32; shift += 8) bytes += char(bits >> shift);
  }
  std::string text;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t count = std::min<size_t>(3, bytes.size() - i);
    uint32_t three = 0;
    for (size_t j = 0; j < 3; ++j) three = three << 8 | (j < count ? uint8_t(bytes[i + j]) : 0);
    for (size_t j = 0; j < 4; ++j) text += j <= count ? kDigits[three >> (18 - 6 * j) & 63] : '=';
  }
  return text;
}

}  // namespace

void Embeddings(const std::shared_ptr<Call>& call) {
  call->WithModel([call](const std::shared_ptr<Worker>& worker) {
    Request request;
    {
      Fields fields(call->body, "", call->reading);
      fields.Accept({"model", "user"});
      ReadInputs(fields, "input", *worker, TooLong::kRefuse, *call, request);
      ReadDimensions(fields, *worker, request);
      const std::string format = fields.Text("encoding_format", "float");
      request.base64 = format == "base64";
      if (!request.base64 && format != "float") fields.Refuse("encoding_format", "can be float or base64");
    }
    const Pooling pooling = PoolingOf(*call, call->reading);
    if (!call->Understood()) return;
    const auto show = [call, base64 = request.base64](Vectors& vectors) -> Json {
      Json data = Json::array();
      for (const auto& vector : vectors.all) {
        Json shown = base64 ? Json(Base64(vector)) : ShortNumbers(vector);
        data.push_back({{"object", "embedding"}, {"index", data.size()}, {"embedding", std::move(shown)}});
      }
      return {{"object", "list"},
              {"data", std::move(data)},
              {"model", call->model},
              {"usage", {{"prompt_tokens", vectors.tokens}, {"total_tokens", vectors.tokens}}}};
    };
    std::make_shared<EmbeddingAnswer>(call, worker, std::move(request), pooling, show)->Start();
  });
}

// Ollama cuts what is too long unless told otherwise; here that is at least said in a header.
static void Ollama(const std::shared_ptr<Call>& call, const char* name, bool older) {
  call->WithModel([call, name, older](const std::shared_ptr<Worker>& worker) {
    Request request;
    {
      Fields fields(call->body, "", call->reading);
      fields.Accept({"model", "keep_alive", "options"});
      const bool cuts = fields.Flag("truncate", true);
      ReadInputs(fields, name, *worker, cuts ? TooLong::kCut : TooLong::kRefuse, *call, request);
      ReadDimensions(fields, *worker, request);
    }
    const Pooling pooling = PoolingOf(*call, call->reading);
    if (!call->Understood()) return;
    const auto show = [call, older](Vectors& vectors) -> Json {
      if (older) return {{"embedding", ShortNumbers(vectors.all[0])}};
      Json all = Json::array();
      for (const auto& vector : vectors.all) all.push_back(ShortNumbers(vector));
      return {{"model", call->model},
              {"embeddings", std::move(all)},
              {"total_duration", int64_t(vectors.seconds * 1e9)},
              {"load_duration", 0},
              {"prompt_eval_count", vectors.tokens}};
    };
    std::make_shared<EmbeddingAnswer>(call, worker, std::move(request), pooling, show)->Start();
  });
}

void OllamaEmbed(const std::shared_ptr<Call>& call) { Ollama(call, "input", false); }
void OllamaEmbeddings(const std::shared_ptr<Call>& call) { Ollama(call, "prompt", true); }

}  // namespace hasten
