#include "engine/chunk_size.h"

#include <gtest/gtest.h>

namespace hasten {
namespace {

// A machine on which a step costs `text_s`, and its prompt rows a price for the first and what they cost by how many there are.
struct Machine {
  const char* name;
  double text_s, first_s, few_row_s, many_row_s;  // a row of up to 64, and of more
  size_t fits;                                    // rows that make a step at most 1.5 times as long
  double Step(bool texts, size_t rows) const {
    return (texts ? text_s : 0) + (rows > 0 ? first_s : 0) + double(rows) * (rows > 64 ? many_row_s : few_row_s);
  }
};

constexpr Machine kMachines[] = {{"rows alike", 4e-3, 0, 1e-4, 1e-4, 20},
                                 {"many rows cheaper", 4e-3, 0, 5e-4, 5e-5, 4},
                                 {"the first is dear", 4e-3, 1e-3, 2e-4, 1e-4, 5},
                                 {"a large machine", 40e-3, 0, 1e-4, 1e-4, 200},
                                 {"dear rows", 4e-3, 0, 3e-3, 1e-3, 1}};

// Steps of which each is as long as `size` says.
void Read(const Machine& machine, ChunkSize& size, bool texts, int steps) {
  for (int i = 0; i < steps; ++i) {
    const size_t rows = size.For(texts);
    size.Note(texts, rows, machine.Step(texts, rows));
  }
}

TEST(ChunkSize, ATextBesideALongPromptWaitsForHalfOfItsStepsMore) {
  for (const Machine& machine : kMachines) {
    ChunkSize size(512);
    size.Note(1, 0, machine.Step(true, 0));
    Read(machine, size, true, 200);
    EXPECT_LE(size.For(1), machine.fits) << machine.name;
    EXPECT_GE(size.For(1), std::max<size_t>(1, machine.fits * 3 / 5)) << machine.name;
  }
}

TEST(ChunkSize, RowsThatGetDearerMakeItSmallerAndCheaperOnesLarger) {
  const Machine cheap = kMachines[0], dear = kMachines[1];
  ChunkSize size(512);
  size.Note(1, 0, cheap.Step(true, 0));
  for (const Machine& machine : {cheap, dear, cheap}) {
    Read(machine, size, true, 200);
    EXPECT_LE(size.For(1), machine.fits);
    EXPECT_GE(size.For(1), machine.fits * 3 / 5);
  }
}

// A processor that is taken away for a moment, now and then, says nothing about rows.
TEST(ChunkSize, OneStepInFourThatTakesForEverChangesNothing) {
  const Machine& machine = kMachines[0];
  ChunkSize size(512), calm(512);
  size.Note(1, 0, machine.Step(true, 0));
  calm.Note(1, 0, machine.Step(true, 0));
  for (int i = 0; i < 200; ++i) size.Note(1, size.For(1), i % 4 == 2 ? 1.0 : machine.Step(true, size.For(1)));
  Read(machine, calm, true, 200);
  EXPECT_EQ(size.For(1), calm.For(1));
  for (int i = 0; i < 200; ++i) size.Note(1, size.For(1), 1.0);  // all of them do
  EXPECT_EQ(size.For(1), 1u);
}

TEST(ChunkSize, BesideManyTextsAPromptGetsOnByHalfAsManyRows) {
  const Machine& dear = kMachines[4];
  ChunkSize size(512);
  size.Note(1, 0, dear.Step(true, 0));
  Read(dear, size, true, 200);
  EXPECT_EQ(size.For(1), 1u);
  EXPECT_EQ(size.For(16), 8u);
  EXPECT_EQ(size.For(2000), 512u);
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
