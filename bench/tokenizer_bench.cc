// Encoding speed on one core, a JSON line for each vocabulary and text.
//
//   tokenizer_bench [TEXT]      (default: the stories and the code of ../shared/data/corpora)
//
// `mb_per_s` is the median of seven runs with a warm word cache, `first_mb_per_s` the first run with a cold one.
// `of_pcre2` compares with a yardstick that drifts as the machine does: running GPT-2's pattern alone over the same text
// with PCRE2's JIT, in turns.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "tokenizer/tokenizer.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace hasten {
namespace {

constexpr int kRuns = 7;

double Now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }
double Median(std::vector<double> v) {
  std::sort(v.begin(), v.end());
  return v[v.size() / 2];
}

std::string ReadAll(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

std::string ReadTree(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::string text;
  for (const auto& file : files) text += ReadAll(file);
  return text;
}

class PcreWords {
 public:
  PcreWords() {
    const char* pattern = R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
    int error = 0;
    size_t where = 0;
    code_ = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern), PCRE2_ZERO_TERMINATED, PCRE2_UTF | PCRE2_UCP, &error, &where,
                          nullptr);
    pcre2_jit_compile(code_, PCRE2_JIT_COMPLETE);
    match_ = pcre2_match_data_create_from_pattern(code_, nullptr);
  }
  ~PcreWords() {
    pcre2_match_data_free(match_);
    pcre2_code_free(code_);
  }
  size_t Count(const std::string& text) const {
    size_t words = 0;
    for (size_t at = 0; at < text.size(); ++words) {
      const auto* subject = reinterpret_cast<PCRE2_SPTR>(text.data());
      if (pcre2_match(code_, subject, text.size(), at, PCRE2_NO_UTF_CHECK, match_, nullptr) < 1) break;
      at = pcre2_get_ovector_pointer(match_)[1];
    }
    return words;
  }

 private:
  pcre2_code* code_;
  pcre2_match_data* match_;
};

void Bench(const std::string& vocabulary, const std::string& text_name, const std::string& text) {
  const auto file = Gguf::Open(vocabulary);
  if (!file) return;
  const double before = Now();
  const auto tokenizer = Tokenizer::Load(*file);
  const double load_s = Now() - before;
  if (!tokenizer) return;
  const PcreWords pcre;
  std::vector<double> ours, theirs;
  size_t tokens = 0;
  for (int i = 0; i <= kRuns; ++i) {
    const double start = Now();
    tokens = tokenizer->Encode(text).size();
    const double middle = Now();
    if (pcre.Count(text) == 0) return;
    ours.push_back(middle - start);
    theirs.push_back(Now() - middle);
  }
  const double mb = 1e-6 * double(text.size()), first = ours[0];
  ours.erase(ours.begin());
  std::printf(
      "{\"bench\": \"tokenizer\", \"kind\": \"%s\", \"text\": \"%s\", \"mb\": %.1f, \"tokens\": %zu, \"mb_per_s\": %.1f, "
      "\"first_mb_per_s\": %.1f, \"of_pcre2\": %.2f, \"load_ms\": %.0f}\n",
      std::string(tokenizer->kind()).c_str(), text_name.c_str(), mb, tokens, mb / Median(ours), mb / first,
      Median(theirs) / Median(ours), 1e3 * load_s);
}

int Main(int argc, char** argv) {
  const char* shared = std::getenv("HASTEN_SHARED");
  const std::filesystem::path root = shared ? shared : "../shared";
  if (!std::filesystem::exists(root / "reference/tokenizers")) {
    std::fprintf(stderr, "tokenizer_bench: no vocabularies in %s; set HASTEN_SHARED\n", root.c_str());
    return 2;
  }
  std::vector<std::pair<std::string, std::string>> texts;
  if (argc > 1) {
    texts.emplace_back(std::filesystem::path(argv[1]).filename(), ReadAll(argv[1]));
  } else {
    texts.emplace_back("stories", ReadAll(root / "data/corpora/tinystories_sample_2MB.txt"));
    texts.emplace_back("books", ReadTree(root / "data/corpora/public_domain"));
    texts.emplace_back("code", ReadTree(root / "data/corpora/code_thealgorithms_cpp"));
  }
  for (const char* name : {"gpt-2", "llama-bpe", "qwen2", "qwen35", "starcoder", "deepseek-llm", "llama-spm", "phi-3"})
    for (const auto& [text_name, text] : texts)
      Bench((root / "reference/tokenizers" / (std::string(name) + ".gguf")).string(), text_name, text);
  return 0;
}

}  // namespace
}  // namespace hasten

int main(int argc, char** argv) { return hasten::Main(argc, argv); }
