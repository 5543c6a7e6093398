#include "tokenizer/pretokenize/pretokenizer.h"

#include "tokenizer/pretokenize/stages.h"

namespace hasten {
namespace {

constexpr SplitStage* kGpt2[] = {SplitGpt2};
constexpr SplitStage* kDigitsThenGpt2[] = {CutNumber, SplitGpt2};
constexpr SplitStage* kLlama3[] = {SplitLlama3};
constexpr SplitStage* kQwen2[] = {SplitQwen2};
constexpr SplitStage* kQwen35[] = {SplitQwen35};
constexpr SplitStage* kSeedCoder[] = {SplitSeedCoder};
constexpr SplitStage* kNoContractions[] = {SplitNoContractions};
constexpr SplitStage* kTriplesThenLlama3[] = {CutNumberTriples, SplitLlama3};
constexpr SplitStage* kLinesThenQwen2[] = {CutLines, SplitQwen2};
constexpr SplitStage* kO200k[] = {SplitO200k};
constexpr SplitStage* kTekken[] = {SplitTekken};
constexpr SplitStage* kFalcon[] = {CutPunctuationOrTick, SplitGpt2, CutThreeDigits};
constexpr SplitStage* kDefault[] = {CutPunctuation, SplitGpt2, CutNumberRuns, CutThreeDigits};
constexpr SplitStage* kDeepseekLlm[] = {CutLineEnds,      CutDeepseekLetters, CutDeepseekMarks,
                                        CutTrailingSpace, CutAsianRuns,       CutNumberRuns};
constexpr SplitStage* kDeepseekCoder[] = {CutLineEnds, CutSpacedLetters, CutSpacedPunctuation, CutAsianRuns, CutNumber};
constexpr SplitStage* kDeepseekV3[] = {CutNumberTriples, CutCjkRuns, SplitDeepseekV3Words};
constexpr SplitStage* kLines[] = {CutLines};

// The names are llama.cpp's; which pattern each stands for too, except that the words of gpt-4o and tekken follow the
// models' own regular expressions, with Unicode's cases, where llama.cpp only knows those of ASCII.
constexpr PreTokenizer kPreTokenizers[] = {
    {.name = "default", .stages = kDefault},
    {.name = "gpt-2", .stages = kGpt2},
    {.name = "phi-2", .stages = kGpt2},
    {.name = "mpt", .stages = kGpt2},
    {.name = "olmo", .stages = kGpt2},
    {.name = "jais", .stages = kGpt2},
    {.name = "exaone4", .stages = kGpt2},
    {.name = "trillion", .stages = kGpt2},
    {.name = "gigachat", .stages = kGpt2},
    {.name = "a.x-4.0", .stages = kGpt2},
    {.name = "mellum", .stages = kGpt2},
    {.name = "modern-bert", .stages = kGpt2},
    {.name = "granite-docling", .stages = kGpt2},
    {.name = "starcoder", .stages = kDigitsThenGpt2},
    {.name = "smollm", .stages = kDigitsThenGpt2},
    {.name = "refact", .stages = kDigitsThenGpt2},
    {.name = "command-r", .stages = kDigitsThenGpt2},
    {.name = "codeshell", .stages = kDigitsThenGpt2},
    {.name = "exaone", .stages = kDigitsThenGpt2},
    {.name = "minerva-7b", .stages = kDigitsThenGpt2},
    {.name = "mellum2", .stages = kDigitsThenGpt2},
    {.name = "llama-bpe", .stages = kLlama3, .whole_words_first = true, .adds_bos = true},
    {.name = "llama3", .stages = kLlama3, .whole_words_first = true, .adds_bos = true},
    {.name = "llama-v3", .stages = kLlama3, .whole_words_first = true, .adds_bos = true},
    {.name = "falcon3", .stages = kLlama3, .whole_words_first = true, .adds_bos = true},
    {.name = "falcon-h1", .stages = kLlama3, .whole_words_first = true, .adds_bos = true},
    {.name = "pixtral", .stages = kLlama3, .whole_words_first = true, .adds_bos = true},
    {.name = "midm-2.0", .stages = kLlama3, .whole_words_first = true, .adds_bos = true},
    {.name = "lfm2", .stages = kLlama3, .whole_words_first = true, .adds_bos = true},
    {.name = "dbrx", .stages = kLlama3},
    {.name = "smaug-bpe", .stages = kLlama3},
    {.name = "glm4", .stages = kLlama3},
    {.name = "chatglm-bpe", .stages = kLlama3},
    {.name = "minicpm5", .stages = kTriplesThenLlama3, .whole_words_first = true},
    {.name = "qwen2", .stages = kQwen2},
    {.name = "deepseek-r1-qwen", .stages = kQwen2},
    {.name = "megrez", .stages = kQwen2},
    {.name = "kormo", .stages = kQwen2},
    {.name = "stablelm2", .stages = kQwen2},
    {.name = "hunyuan", .stages = kQwen2},
    {.name = "solar-open", .stages = kQwen2},
    {.name = "grok-2", .stages = kQwen2},
    {.name = "bailingmoe", .stages = kQwen2},
    {.name = "bailingmoe2", .stages = kQwen2},
    {.name = "llada-moe", .stages = kQwen2},
    {.name = "qwen35", .stages = kQwen35},
    {.name = "seed-coder", .stages = kSeedCoder},
    {.name = "ufakzeka", .stages = kNoContractions},
    {.name = "laguna", .stages = kLinesThenQwen2},
    {.name = "gpt-4o", .stages = kO200k},
    {.name = "llama4", .stages = kO200k},
    {.name = "kanana2", .stages = kO200k},
    {.name = "minimax-m2", .stages = kO200k},
    {.name = "tekken", .stages = kTekken, .whole_words_first = true, .adds_bos = true},
    {.name = "falcon", .stages = kFalcon},
    {.name = "deepseek-llm", .stages = kDeepseekLlm},
    {.name = "deepseek-coder", .stages = kDeepseekCoder},
    {.name = "deepseek-v3", .stages = kDeepseekV3},
    {.name = "hunyuan-dense", .stages = kDeepseekV3},
    {.name = "joyai-llm", .stages = kDeepseekV3},
    {.name = "gemma4", .stages = kLines, .adds_bos = true, .byte_level = false},
};

void RunStages(std::span<SplitStage* const> stages, std::string_view text, const CharClasses& classes, WordSink sink) {
  if (stages.size() == 1) return stages[0](text, classes, sink);
  stages[0](text, classes, [&](std::string_view piece) { RunStages(stages.subspan(1), piece, classes, sink); });
}

}  // namespace

void PreTokenizer::Split(std::string_view text, const CharClasses& classes, WordSink sink) const {
  if (!text.empty()) RunStages(stages, text, classes, sink);
}

const PreTokenizer* FindPreTokenizer(std::string_view name) {
  for (const PreTokenizer& p : kPreTokenizers)
    if (p.name == name) return &p;
  return nullptr;
}

std::span<const PreTokenizer> PreTokenizers() { return kPreTokenizers; }

}  // namespace hasten
