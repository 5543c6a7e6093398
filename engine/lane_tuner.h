// How many of a team's lanes a step is worth, found by measuring steps: the first ones of each width are run with all lanes,
// then with half of them, and so on while that is no slower. More lanes are not always faster: memory is full before all cores
// read, a small model waits more at barriers than it computes, and a core may be busy with something else.
//
// The steps do their work all the same, and their bytes do not depend on lanes; a trial costs two or three slower steps. After
// kAgain steps of a width it is asked again, since neighbours come and go.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

namespace hasten {

class LaneTuner {
 public:
  // Without `measure`, all lanes always.
  LaneTuner(size_t lanes, bool measure);

  size_t Lanes(size_t rows) const;         // for the next step of so many rows
  void Took(size_t rows, double seconds);  // that step, run with Lanes(rows)
  bool Measured(size_t rows) const;        // whether Lanes(rows) has been found

  static constexpr size_t kAgain = 2048;

 private:
  // Steps of about the same width: what they wait for is alike.
  struct Width {
    std::vector<size_t> candidates;  // lanes, most first
    size_t trial = 0;                // of the candidates; their number: all tried
    size_t chosen = 0;
    std::vector<double> best;  // seconds, of each candidate that was tried
    size_t steps = 0;          // of this trial, or since the choice
  };
  static size_t WidthOf(size_t rows);
  void Start(Width& w) const;
  void Choose(Width& w) const;

  const bool measure_;
  std::array<Width, 4> widths_;
};

}  // namespace hasten
