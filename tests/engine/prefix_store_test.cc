#include "engine/prefix_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/engine/scheduler_rig.h"
#include "tests/support/support.h"

namespace hasten {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

const Fingerprint kMaker = {.a = 1, .b = 2};

std::vector<fs::path> FilesIn(const std::string& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

// A process that ends: what it wrote to the folder is all that is left.
struct Life {
  explicit Life(const std::string& folder, bool recurrent = false, const Fingerprint& maker = kMaker, size_t most = 1 << 30)
      : rig({.context = 200, .max_sequences = 4}, recurrent) {
    auto opened = PrefixStore::Open(
        {.folder = folder, .most_bytes = most, .warn = [this](const std::string& what) { warnings.push_back(what); }}, maker,
        rig.engine->StoredShape());
    EXPECT_TRUE(opened) << opened.error().what;
    store = *std::move(opened);
    rig.engine->UseStore(store.get());
  }
  Heard& Write(size_t which, size_t tokens = 20) {
    Heard& h = rig.Submit(rig.MakeJob(Prompt(which), tokens, which));
    rig.RunAll();
    store->Flush();
    return h;
  }
  std::vector<std::string> warnings;
  Rig rig;
  std::unique_ptr<PrefixStore> store;
};

TEST(PrefixStore, APrefixOutlivesTheProcessAndTheTextIsTheSame) {
  for (const bool recurrent : {false, true}) {
    const TempDir dir;
    std::string first;
    {
      Life life(dir.path(), recurrent);
      first = life.Write(6).texts[0];
      EXPECT_EQ(life.rig.heard[0]->cached, 0u);
    }
    Life life(dir.path(), recurrent);
    const Heard& h = life.Write(6);
    const size_t prompt = life.rig.tokenizer.Encode(Prompt(6)).size();
    EXPECT_EQ(h.cached, (prompt - 1) / kKvBlock * kKvBlock) << recurrent;
    EXPECT_EQ(h.texts[0], first);
    EXPECT_GE(life.rig.engine->stats().recalled_tokens, h.cached);
    EXPECT_THAT(life.warnings, ::testing::IsEmpty());
  }
}

TEST(PrefixStore, AnotherModelFindsNothing) {
  const TempDir dir;
  Life(dir.path()).Write(6);
  Life other(dir.path(), false, {.a = 1, .b = 3});
  EXPECT_EQ(other.Write(6).cached, 0u);
}

TEST(PrefixStore, DamagedFilesAreRemovedWithAWarningAndReadAgain) {
  for (const bool recurrent : {false, true}) {
    const TempDir dir;
    std::string first;
    {
      Life life(dir.path(), recurrent);
      first = life.Write(6).texts[0];
    }
    const auto files = FilesIn(dir.path());
    ASSERT_GT(files.size(), 1u);
    for (size_t i = 0; i < files.size(); ++i) {
      std::string bytes = *ReadFile(files[i]);
      if (i % 3 == 0) bytes[bytes.size() / 2] ^= 1;
      if (i % 3 == 1) bytes.resize(bytes.size() / 3);
      if (i % 3 == 2) bytes.clear();
      WriteBytes(files[i], bytes);
    }
    Life life(dir.path(), recurrent);
    EXPECT_EQ(life.Write(6).texts[0], first);
    ASSERT_FALSE(life.warnings.empty());
    EXPECT_THAT(life.warnings[0], HasSubstr("is removed"));
    Life again(dir.path(), recurrent);  // what was read anew has been written anew, in part at least
    EXPECT_EQ(again.Write(6).texts[0], first);
  }
}

TEST(PrefixStore, TheFolderIsBoundedAndTheOldestGoes) {
  const TempDir dir;
  const size_t one = 64 + 4 * kKvBlock + Rig().engine->StoredShape().kv_bytes, most = 40 * one;
  Life(dir.path()).Write(0);
  const auto old = FilesIn(dir.path());
  for (const auto& path : old) fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::hours(1));
  WriteBytes(dir / "somebody-elses.kv", std::string(most, 'x'));
  for (uint64_t i = 1; i < 20; ++i) Life(dir.path(), false, {.a = 1, .b = 10 + i}, most).Write(1 + i % 12, 40);
  size_t bytes = 0;
  for (const auto& path : FilesIn(dir.path()))
    if (path.filename() != "somebody-elses.kv") bytes += fs::file_size(path);
  EXPECT_LE(bytes, most + most / 16 + 20 * one);
  for (const auto& path : old) EXPECT_FALSE(fs::exists(path)) << path;
  EXPECT_TRUE(fs::exists(dir / "somebody-elses.kv"));
}

TEST(PrefixStore, AFolderThatCannotBeIsNamed) {
  const TempDir dir;
  WriteBytes(dir / "file", "x");
  const auto store = PrefixStore::Open({.folder = dir / "file"}, kMaker, {});
  ASSERT_FALSE(store);
  EXPECT_THAT(store.error().what, HasSubstr("--cache-dir"));
}

TEST(PrefixStore, ReadsNothingButWhatWasWritten) {
  const std::vector<int32_t> tokens = {1, 2, 3};
  const std::vector<std::byte> kv(8, std::byte{7}), state(4, std::byte{9});
  const PrefixBlockShape shape = {.tokens = 3, .kv_bytes = 8, .state_bytes = 4};
  for (const bool with_state : {false, true}) {
    PrefixBlock block = {.tokens = tokens, .kv = kv, .state = {}};
    if (with_state) block.state = state;
    const std::string good = EncodePrefixBlock(kMaker, block);
    const auto decode = [&](const std::string& bytes, const Fingerprint& key, const PrefixBlockShape& expected) {
      return bool(DecodePrefixBlock(std::as_bytes(std::span(bytes)), key, expected));
    };
    EXPECT_TRUE(decode(good, kMaker, shape));
    EXPECT_FALSE(decode(good, {.a = 1, .b = 1}, shape));
    EXPECT_FALSE(decode(good, kMaker, {.tokens = 2, .kv_bytes = 12, .state_bytes = 4}));
    for (size_t i = 0; i < good.size(); ++i) {
      std::string bad = good;
      bad[i] ^= 4;
      EXPECT_FALSE(decode(bad, kMaker, shape)) << i;
      EXPECT_FALSE(decode(good.substr(0, i), kMaker, shape)) << i;
    }
    EXPECT_FALSE(decode(good + "x", kMaker, shape));
  }
}

}  // namespace
}  // namespace hasten
