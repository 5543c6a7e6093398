// A step takes no memory from the system: everything is sized when a model, an engine or a sequence is made.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>
#include <stdexcept>
#include <vector>

#include "engine/engine.h"
#include "tests/tiny/tiny.h"

// The sanitisers have an allocator of their own, and debug builds check the blocks after each step with lists of them.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(NDEBUG)
#define HASTEN_COUNTS_ALLOCATIONS 0
#else
#define HASTEN_COUNTS_ALLOCATIONS 1
#endif

static std::atomic<size_t> allocations{0};

#if HASTEN_COUNTS_ALLOCATIONS
static void* Counted(size_t size, size_t alignment) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  void* p = std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  if (p == nullptr) throw std::bad_alloc();
  return p;
}
void* operator new(size_t size) { return Counted(size, __STDCPP_DEFAULT_NEW_ALIGNMENT__); }
void* operator new(size_t size, std::align_val_t alignment) { return Counted(size, size_t(alignment)); }
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, size_t) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, size_t, std::align_val_t) noexcept { std::free(p); }
#endif

namespace hasten {
namespace {

class Allocation : public ::testing::TestWithParam<const char*> {};

// Memory taken by steps 3 to 40 of so many branches of one prompt.
size_t TakenBySteps(const Model& model, Team& team, size_t branches, Engine::Split split) {
  const auto engine =
      Engine::Create(model, team, {.context = 128, .memory_bytes = 64 << 20, .max_sequences = branches, .prefix_cache = false});
  if (!engine) throw std::runtime_error(engine.error().what);
  (*engine)->SetSplit(split);
  const auto prompt = TinyTokens(20);
  std::vector<SequenceId> ids(branches);
  ids[0] = *(*engine)->Open({});
  EXPECT_TRUE((*engine)->Feed(ids[0], prompt));
  EXPECT_TRUE((*engine)->Fork(ids[0], std::span(ids).subspan(1)));
  std::vector<StepRequest> requests;
  for (const SequenceId id : ids) requests.push_back({.seq = id, .tokens = {prompt.data(), 1}});
  size_t before = 0;
  for (int step = 0; step < 40; ++step) {
    if (step == 2) before = allocations;
    EXPECT_TRUE((*engine)->Step(requests));
  }
  return allocations - before;
}

TEST_P(Allocation, NoneInAStep) {
  if (!HASTEN_COUNTS_ALLOCATIONS) GTEST_SKIP() << "a sanitiser or a debug build allocates by itself";
  const ModelBytes bytes = TinyModel(GetParam()).Build();
  Team team(2);
  const auto model = LoadModel(bytes.file, team);
  ASSERT_TRUE(model) << model.error().what;
  for (const size_t branches : {1, 5})
    for (const auto split : {Engine::Split::kTogether, Engine::Split::kAlone})
      EXPECT_EQ(TakenBySteps(**model, team, branches, split), 0u) << branches << " branches, split " << int(split);
}

TEST(AllocationCount, SeesOne) {
  if (!HASTEN_COUNTS_ALLOCATIONS) GTEST_SKIP() << "a sanitiser or a debug build allocates by itself";
  const size_t before = allocations;
  std::vector<int> numbers(3);
  ASSERT_EQ(numbers.size(), 3u);
  EXPECT_GT(allocations, before);
}

std::vector<const char*> CausalNames() {
  std::vector<const char*> names;
  for (const char* name : TinyNames())
    if (!TinyIsBidirectional(name)) names.push_back(name);
  return names;
}

std::string NameOf(const ::testing::TestParamInfo<const char*>& test) {
  std::string name = test.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Families, Allocation, ::testing::ValuesIn(CausalNames()), NameOf);

}  // namespace
}  // namespace hasten
