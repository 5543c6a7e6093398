#include "engine/chunk_size.h"

#include <gtest/gtest.h>

namespace hasten {
namespace {

// A machine on which a step costs `text_s`, and its prompt rows what they cost by how many there are.
struct Machine {
  const char* name;
  double text_s, few_row_s, many_row_s;  // a row of up to 64, and of more
  double Step(bool texts, size_t rows) const {
    return (texts ? text_s : 0) + double(rows) * (rows > 64 ? many_row_s : few_row_s);
  }
};

constexpr Machine kMachines[] = {
    {"rows alike", 4e-3, 1e-4, 1e-4}, {"many rows cheaper", 4e-3, 5e-4, 5e-5}, {"dear rows", 4e-3, 3e-3, 1e-3}};

// Steps of which each is as long as `size` says.
void Read(const Machine& machine, ChunkSize& size, bool texts, int steps) {
  for (int i = 0; i < steps; ++i) {
    const size_t rows = size.For(texts);
    size.Note(texts, rows, machine.Step(texts, rows));
  }
}

TEST(ChunkSize, ATextBesideALongPromptWaitsForLessThanTwoOfItsSteps) {
  for (const Machine& machine : kMachines) {
    ChunkSize size(512);
    size.Note(1, 0, machine.Step(true, 0));
    Read(machine, size, true, 40);
    const size_t rows = size.For(1), least = 4;
    EXPECT_TRUE(rows == least || machine.Step(true, rows) < 2 * machine.text_s) << machine.name << ": " << rows;
    EXPECT_GE(rows, least) << machine.name;
  }
}

TEST(ChunkSize, WhatRowsCostAloneIsNotTakenForWhatTheyCostBesideATextNorTheOtherWayRound) {
  const Machine& machine = kMachines[1];
  ChunkSize size(512);
  size.Note(1, 0, machine.Step(true, 0));
  Read(machine, size, true, 40);
  const size_t beside = size.For(1);
  Read(machine, size, false, 40);
  EXPECT_EQ(size.For(1), beside);
  EXPECT_EQ(size.For(0), 512u);
}

TEST(ChunkSize, NothingKnownIsACarefulFirstChunkAndNeverMoreThanTheMost) {
  for (const size_t most : {1, 3, 16, 512}) {
    const ChunkSize size(most);
    EXPECT_EQ(size.For(0), std::min<size_t>(most, 16));
    EXPECT_EQ(size.For(3), std::min<size_t>(most, 16));
  }
}

}  // namespace
}  // namespace hasten
