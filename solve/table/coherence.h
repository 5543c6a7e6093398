// How well the parts of a program agree with each other, which the cost of each by itself cannot say.
#pragma once

#include "solve/lang/program.h"

namespace hasten::solve {

// What a program costs more than its parts: one date that is read in two orders, a time that is told as it is and in a bucket.
float Incoherence(const Expr& program);

}  // namespace hasten::solve
