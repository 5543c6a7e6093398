// The parts of a weight product, for verbs that have more to do before the lanes meet.
#pragma once

#include "models/ops.h"

namespace hasten {

bool WantsInt8(const Linear& w);  // some part of it
// This lane's panels of y = x w + bias; q is x quantised, where w wants it. The lanes do not meet.
void Product(const Exec&, const Linear& w, Mat x, const QuantRows& q, Store store, Mat y);

}  // namespace hasten
