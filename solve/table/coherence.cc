#include "solve/table/coherence.h"

#include <map>
#include <set>

#include "solve/lang/moment.h"
#include "solve/lang/ops.h"

namespace hasten::solve {

namespace {

constexpr float kTwoOrders = 1.5f, kTwoTimes = 1.2f;

struct Readings {
  std::map<int64_t, std::set<std::string>> orders;  // in which each column's dates are read
  bool exact = false, bucket = false;               // how times are told
};

void Collect(const Expr& e, Readings& readings) {
  static const Op *const kMoment = FindOp("moment"), *const kBucket = FindOp("bucket"), *const kPart = FindOp("part");
  if (e.kind != Expr::Kind::kOp) return;
  if (e.op == kMoment && e.args[0].kind == Expr::Kind::kInput) readings.orders[e.args[0].number].insert(e.args[2].text);
  if (e.op == kPart) {
    const MomentPart* const part = FindMomentPart(e.args[1].text);
    const bool of_time = part && part->of_time;
    readings.exact = readings.exact || (of_time && e.args[0].op == kMoment);
    readings.bucket = readings.bucket || (of_time && e.args[0].op == kBucket);
  }
  for (const Expr& arg : e.args) Collect(arg, readings);
}

}  // namespace

float Incoherence(const Expr& program) {
  Readings readings;
  Collect(program, readings);
  float cost = readings.exact && readings.bucket ? kTwoTimes : 0.0f;
  for (const auto& [column, orders] : readings.orders) cost += kTwoOrders * float(orders.size() - 1);
  return cost;
}

}  // namespace hasten::solve
