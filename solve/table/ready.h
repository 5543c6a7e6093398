// Parts of outputs that are computed rather than cut out: dates, looked-up
// names, initials, changed texts; and numbers.
#pragma once

#include <vector>

#include "solve/lang/program.h"
#include "solve/search/budget.h"
#include "solve/table/spots.h"

namespace hasten::solve {

// A source is a number: which date or number it is, times this, plus which way
// it is read (0: as it is).
inline constexpr int kVariants = 4096;

// A text computed for every row. Pieces of one source (a date, say) are
// likelier together: they share what found the source.
struct Ready {
  Expr text;
  float cost;
  int source;                       // -1: none
  std::vector<std::string> values;  // on the given rows
  int side = 0;                     // of a source that has two: the end of a bucket
};

// A number computed for every row.
struct Computed {
  Expr number;
  float cost;
  int source;
  std::vector<Decimal> values;  // on the given rows
  bool sum = false;             // of several numbers: nobody wrote its decimals
  bool plain = false;           // stands in a cell as it is: lines start from it
};

// All dates of the columns in all parts and buckets.
void AddMoments(const View& view, std::vector<Ready>& ready);
// Fact tables' answers for the spans of a source.
void AddFacts(const View& view, const Source& source, const Places& places, std::vector<Ready>& ready);
// A whole text with something taken out, kept or put in place of something else; initials.
void AddRewrites(const View& view, const Source& source, const Budget& budget, std::vector<Ready>& ready);
// Numbers said otherwise: 23rd, XXIII.
void AddNumberTexts(const View& view, std::vector<Ready>& ready);
// The numbers of the columns, scaled, rounded and in buckets; lengths, counts,
// sums and days between dates.
std::vector<Computed> FindNumbers(const View& view);

// A number times a constant plus a constant that gives what is `wanted` of the given rows, each known to a unit of 10^-places;
// the roundest constants that do. Nothing where there are none, or where that is no surprise.
std::optional<Computed> FitLine(const Computed& from, const std::vector<Decimal>& wanted, int places);
// Two numbers, each times a constant, together: 60 hours + minutes, 3 wins + draws.
std::optional<Computed> FitSum(const Computed& first, const Computed& second, const std::vector<Decimal>& wanted, int places);
// Three numbers that count units of one measure, the largest first: degrees, minutes and seconds.
std::optional<Computed> FitUnits(const Computed& first, const Computed& second, const Computed& third,
                                 const std::vector<Decimal>& wanted, int places);

// Sums, products, shares and the like of two or three of the numbers that give what is wanted.
std::vector<Computed> FitFormulas(std::span<const Computed* const> numbers, const std::vector<Decimal>& wanted, int places);

// `text` on the given rows, or nothing where a row has none or one that is no piece of its output.
std::optional<std::vector<std::string>> OnGiven(const View& view, const Expr& text);

}  // namespace hasten::solve
