// Packed weights kept on disk: the same bytes come out of a model whether it packed, read or mapped them, and whatever happens
// to the files.
#include "models/pack_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "tests/models/runner.h"
#include "tests/support/support.h"
#include "tests/tiny/tiny.h"

namespace hasten {
namespace {

namespace fs = std::filesystem;
using Place = PackCacheOptions::Place;

class PackCacheFolder : public ::testing::Test {
 protected:
  std::string folder() const { return here_ / "cache"; }
  std::string Model(const std::string& tiny, const std::string& name = "model.gguf") const {
    WriteBytes(here_ / name, *TinyModel(tiny).Build().bytes);
    return here_ / name;
  }
  // Logits of some tokens, by a model that is loaded with the cache.
  std::vector<float> Logits(const std::string& path, Place place = Place::kAuto, size_t lanes = 2) {
    LoadOptions options;
    options.pack_cache = {folder(), place, [this](const std::string& what) { notices_.push_back(what); }};
    const Gguf file = MustOpen(path);
    const auto model = MustLoad(file, lanes, options);
    return Runner(*model, {}).Whole(TinyTokens(20));
  }
  std::vector<float> WithoutCache(const std::string& path) {
    return Runner(*MustLoad(MustOpen(path)), {}).Whole(TinyTokens(20));
  }
  PackCache::State StateOf(const std::string& path, Place place = Place::kAuto) const {
    Team team(2);
    const Gguf file = MustOpen(path);
    return PackCache(file, team, {.folder = folder(), .place = place}).state();
  }
  std::vector<std::string> Packs() const {
    std::vector<std::string> paths;
    for (const auto& entry : fs::directory_iterator(folder())) paths.push_back(entry.path().string());
    return paths;
  }
  void ChangeByte(const std::string& path, size_t at) const {
    std::string bytes = ReadBytes(path);
    bytes[at] = char(bytes[at] ^ 0x40);
    std::ofstream(path, std::ios::binary) << bytes;  // in place: owner and permissions stay
  }

  TempDir here_;
  std::vector<std::string> notices_;
};

TEST_F(PackCacheFolder, TheSameBytesPackedReadOrMapped) {
  for (const char* const tiny : TinyNames()) {
    if (TinyIsBidirectional(tiny)) continue;
    const std::string path = Model(tiny, std::string(tiny) + ".gguf");
    const std::vector<float> expected = WithoutCache(path);
    EXPECT_EQ(Logits(path), expected) << tiny << " packed";
    EXPECT_EQ(StateOf(path), PackCache::State::kRead) << tiny;
    for (const size_t lanes : {1, 3}) EXPECT_EQ(Logits(path, Place::kMemory, lanes), expected) << tiny << " read";
    EXPECT_EQ(StateOf(path, Place::kMapped), PackCache::State::kMapped) << tiny;
    EXPECT_EQ(Logits(path, Place::kMapped), expected) << tiny << " mapped";
  }
  EXPECT_THAT(notices_, ::testing::IsEmpty());
}

TEST_F(PackCacheFolder, DamageAnywhereIsSeenAndMended) {
  const std::string path = Model("llama");
  const std::vector<float> expected = Logits(path);
  ASSERT_EQ(Packs().size(), 1u);
  const std::string pack = Packs()[0], good = ReadBytes(pack);
  for (const size_t at : {size_t{0}, good.size() / 3, good.size() / 2, good.size() - 200, good.size() - 20, good.size() - 1}) {
    ChangeByte(pack, at);
    EXPECT_EQ(Logits(path), expected) << "byte " << at;
    EXPECT_EQ(ReadBytes(pack), good) << "byte " << at;
  }
  for (const size_t size : {size_t{0}, size_t{31}, good.size() / 2, good.size() - 1}) {
    std::ofstream(pack, std::ios::binary) << good.substr(0, size);
    EXPECT_EQ(Logits(path), expected) << size << " bytes";
    EXPECT_EQ(ReadBytes(pack), good) << size << " bytes";
  }
  EXPECT_EQ(notices_.size(), 10u);
}

TEST_F(PackCacheFolder, AChangedModelIsAnotherModelAndItsOldPackGoes) {
  const std::string path = Model("llama");
  Logits(path);
  const auto before = Packs();
  ModelEdit edit = TinyModel("llama");
  edit.ChangeTensors("output_norm.weight", [](std::vector<float>& values, const auto&) { values[0] += 1; });
  WriteBytes(path, *edit.Build().bytes);
  fs::last_write_time(path, fs::last_write_time(path) + std::chrono::seconds(5));
  EXPECT_EQ(Logits(path), WithoutCache(path));
  EXPECT_EQ(Packs().size(), 1u);
  EXPECT_NE(Packs(), before);
}

TEST_F(PackCacheFolder, PacksOfModelsThatAreGoneGoAndThoseOfOthersStay) {
  const std::string one = Model("llama", "one.gguf"), two = Model("qwen3", "two.gguf");
  Logits(one);
  Logits(two);
  EXPECT_EQ(Packs().size(), 2u);
  WriteBytes(folder() + "/notes.pack.txt", "not one of ours");
  fs::remove(one);
  Logits(Model("gemma3", "three.gguf"));
  EXPECT_EQ(StateOf(two), PackCache::State::kRead);
  EXPECT_EQ(Packs().size(), 3u);  // two, three, and the notes
}

TEST_F(PackCacheFolder, FilesThatOthersCouldHaveWrittenAreNotUsed) {
  const std::string path = Model("llama");
  const std::vector<float> expected = Logits(path);
  const std::string pack = Packs()[0];
  ASSERT_EQ(::chmod(pack.c_str(), 0666), 0);
  EXPECT_EQ(Logits(path), expected);
  ASSERT_EQ(notices_.size(), 1u);
  EXPECT_THAT(notices_[0], ::testing::HasSubstr("others may write it"));
  EXPECT_EQ(StateOf(path), PackCache::State::kRead) << "it was replaced by one of our own";
  fs::rename(pack, here_ / "elsewhere");
  fs::create_symlink(here_ / "elsewhere", pack);
  EXPECT_EQ(Logits(path), expected);
  EXPECT_FALSE(fs::is_symlink(pack));
  fs::remove(pack);
  fs::create_directory(pack);  // nothing to read, nothing that can be replaced
  EXPECT_EQ(Logits(path), expected);
}

TEST_F(PackCacheFolder, WhatCannotBeKeptIsLeftAndSaid) {
  const std::string path = Model("llama");
  WriteBytes(here_ / "cache", "a file where the folder should be");
  EXPECT_EQ(Logits(path), WithoutCache(path));
  ASSERT_EQ(notices_.size(), 1u);
  EXPECT_THAT(notices_[0], ::testing::HasSubstr("are not kept in"));
}

TEST_F(PackCacheFolder, APackThatLacksAMatrixIsWrittenAgain) {
  const std::string path = Model("llama");
  const Gguf file = MustOpen(path);
  Team team(1);
  {  // as an older version might have left it
    PackCache old(file, team, {.folder = folder()});
    const std::vector<std::byte> some(640);
    old.Add(7, some);
    old.Finish();
  }
  EXPECT_EQ(StateOf(path), PackCache::State::kRead);
  EXPECT_EQ(Logits(path), WithoutCache(path));
  EXPECT_EQ(StateOf(path), PackCache::State::kWriting);
  Logits(path);
  EXPECT_EQ(StateOf(path), PackCache::State::kRead);
}

TEST_F(PackCacheFolder, AnInterruptedWriterLeavesNothingThatIsRead) {
  const std::string path = Model("llama");
  const Gguf file = MustOpen(path);
  Team team(1);
  {
    PackCache cut(file, team, {.folder = folder()});
    cut.Add(7, std::vector<std::byte>(640));
  }
  EXPECT_THAT(Packs(), ::testing::IsEmpty());
  EXPECT_EQ(StateOf(path), PackCache::State::kWriting);
}

TEST(MatrixIdentity, TellsChoicesOfRowsApart) {
  const GgufTensor a = {.name = "blk.0.attn_q.weight", .type = TensorType::kQ4_0, .dims = {64, 32}, .data = {}};
  GgufTensor b = a;
  b.name = "blk.1.attn_q.weight";
  GgufTensor c = a;
  c.type = TensorType::kQ8_0;
  const size_t straight[] = {0, 1, 2}, turned[] = {2, 1, 0};
  const std::vector<uint64_t> all = {MatrixIdentity(a, 0, 32, 64),       MatrixIdentity(b, 0, 32, 64),
                                     MatrixIdentity(c, 0, 32, 64),       MatrixIdentity(a, 16, 16, 64),
                                     MatrixIdentity(a, 0, 16, 64),       MatrixIdentity(a, 0, 3, 64, straight),
                                     MatrixIdentity(a, 0, 3, 64, turned)};
  for (size_t i = 0; i < all.size(); ++i)
    for (size_t j = 0; j < i; ++j) EXPECT_NE(all[i], all[j]) << i << " and " << j;
}

}  // namespace
}  // namespace hasten
