// Where readers of calls put what they find.
#pragma once

#include <string>
#include <string_view>

namespace hasten {

class CallSink {
 public:
  virtual ~CallSink() = default;
  // False: this is no call, for no tool has that name (asked only where text without a marker might be one).
  virtual bool Begin(const std::string& name, const std::string& id) = 0;
  virtual void Arguments(std::string_view json) = 0;
  virtual void End() = 0;
};

}  // namespace hasten
