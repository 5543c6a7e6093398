// What programs in sh are made of: the operations as functions of awk, by subject.
//
// POSIX awk as mawk, gawk, busybox and the one true awk understand it alike: bytes (LC_ALL=C), no {n} in regular expressions,
// no parameter with a function's name, no start of substr below 1, and no number read from a text with zeros in front (busybox
// takes those for octal). A comparison of two texts has a literal on one side or "" beside one. All stands between apostrophes
// of sh, so there is none in it.
//
// Texts, numbers and moments are awk strings; what is none is NONE, which no cell holds. Places in a text count bytes from 0.
// Conditions are 1 or 0. Numbers that are computed with are decimal digits, "-12.50", as many places as they were written with.
#pragma once

#include <span>

#include "solve/lang/emit_languages.h"

namespace hasten::solve {

std::span<const Definition> ShTexts();
std::span<const Definition> ShNumbers();
std::span<const Definition> ShDates();

}  // namespace hasten::solve
