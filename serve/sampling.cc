#include "serve/sampling.h"

#include <charconv>
#include <random>

namespace hasten {

static constexpr int64_t kMostWholeNumber = int64_t(1) << 53;  // what a double holds, and so JavaScript

uint64_t RandomSeed() {
  thread_local std::mt19937_64 random{std::random_device{}()};
  return random() >> 11;  // 53 bits
}

// Keys are token ids; or texts, all of whose tokens get the bias. Values are numbers, or false: never.
static void AddBias(Fields& fields, const std::string& key, const Json& value, const Worker& worker, Job& job) {
  const std::string name = "logit_bias." + key.substr(0, 60);
  if (!value.is_number() && !(value.is_boolean() && !value.get<bool>()))
    return fields.Refuse(name, std::string("has to be a number and is ") + value.type_name());
  const float bias = value.is_number() ? value.get<float>() : -std::numeric_limits<float>::infinity();
  int32_t id = 0;
  const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), id);
  if (error == std::errc() && end == key.data() + key.size()) {
    if (!worker.tokenizer().Has(id))
      return fields.Refuse(name, Fmt("names no token: the vocabulary has %zu", worker.tokenizer().size()));
    job.text.sampler.biases.push_back({id, bias});
    return;
  }
  for (const Token token : worker.tokenizer().Encode(key)) job.text.sampler.biases.push_back({token, bias});
}

static void ReadBiases(Fields& fields, const Worker& worker, Job& job) {
  const Json* biases = fields.Any("logit_bias");
  if (!biases) return;
  if (biases->is_object()) {
    for (const auto& [key, value] : biases->items()) AddBias(fields, key, value, worker, job);
  } else if (biases->is_array()) {  // [[id, bias], …], as llama-server has it
    for (const Json& pair : *biases) {
      if (!pair.is_array() || pair.size() != 2 || !(pair[0].is_number_integer() || pair[0].is_string()))
        return fields.Refuse("logit_bias", "has to be an object, or a list of pairs of a token and a number");
      AddBias(fields, pair[0].is_string() ? pair[0].get<std::string>() : pair[0].dump(), pair[1], worker, job);
    }
  } else {
    fields.Refuse("logit_bias", std::string("has to be an object and is ") + biases->type_name());
  }
}

// Programs draw seeds from all 64 bits, with a sign and without one. Without a seed, and for -1, one is drawn here.
static uint64_t ReadSeed(Fields& fields) {
  const Json* seed = fields.Any("seed");
  if (!seed || *seed == -1) return RandomSeed();
  if (seed->is_number_unsigned()) return seed->get<uint64_t>();
  if (seed->is_number_integer()) return uint64_t(seed->get<int64_t>());
  return uint64_t(fields.Integer("seed", 0, -kMostWholeNumber, kMostWholeNumber));
}

size_t ReadMostTokens(Fields& fields, const char* name, size_t otherwise, int64_t least) {
  const int64_t most = fields.Integer(name, int64_t(otherwise), -1, int64_t(kMostTokens));
  if (most == -1) return kMostTokens;
  if (most < least)
    fields.Refuse(
        name, Fmt("is %lld and has to be at least %lld, or -1", static_cast<long long>(most), static_cast<long long>(least)));
  return size_t(most);
}

void ReadSampling(Fields& fields, const Worker& worker, Job& job) {
  SamplerOptions& s = job.text.sampler;
  s.temperature = float(fields.Number("temperature", double(s.temperature), 0, 100));
  s.top_p = float(fields.Number("top_p", double(s.top_p), 0, 1));
  s.min_p = float(fields.Number("min_p", double(s.min_p), 0, 1));
  s.top_k = size_t(std::max<int64_t>(0, fields.Integer("top_k", int64_t(s.top_k), -1, 1 << 30)));  // -1: all, as vLLM has it
  s.presence_penalty = float(fields.Number("presence_penalty", 0, -100, 100));
  s.frequency_penalty = float(fields.Number("frequency_penalty", 0, -100, 100));
  const double repeat = fields.Number("repeat_penalty", 1, 0.01, 100);
  s.repetition_penalty = float(fields.Number("repetition_penalty", repeat, 0.01, 100));
  s.penalty_window = size_t(fields.Integer("repeat_last_n", int64_t(s.penalty_window), 0, 1 << 20));
  s.seed = ReadSeed(fields);
  ReadBiases(fields, worker, job);
  job.priority = int(fields.Integer("priority", 0, -1000, 1000));
  job.ignore_end = fields.Flag("ignore_eos", false);
  const double limit_s = fields.Number("time_limit_s", 0, 0, 86400);
  if (limit_s > 0)
    job.deadline = JobClock::now() + std::chrono::duration_cast<JobClock::duration>(std::chrono::duration<double>(limit_s));
}

void ReadStops(Fields& fields, const char* name, Job& job) {
  constexpr size_t kMost = 64, kMostBytes = 4096;
  job.text.stops = fields.Texts(name, kMost);
  for (size_t i = 0; i < job.text.stops.size(); ++i) {
    if (job.text.stops[i].size() > kMostBytes)
      fields.Refuse(std::string(name) + "[" + std::to_string(i) + "]",
                    Fmt("has %zu bytes and may have %zu", job.text.stops[i].size(), kMostBytes));
  }
}

const char* FinishName(Finish finish) {
  switch (finish) {
    case Finish::kEnd:
    case Finish::kStop:
      return "stop";
    case Finish::kLength:
    case Finish::kContext:
    case Finish::kTime:
      return "length";
    case Finish::kCancelled:
    case Finish::kFailed:
      break;
  }
  return "error";
}

}  // namespace hasten
