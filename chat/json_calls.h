// Calls written as JSON objects: {"name": …, "arguments": {…}}, alone, in lists, or inside of other objects.
#pragma once

#include <string>
#include <vector>

#include "chat/call_sink.h"
#include "chat/json_repair.h"

namespace hasten {

class JsonCallReader {
 public:
  explicit JsonCallReader(CallSink& sink) : sink_(&sink) {}
  // From the first '{' or '[' on. False: `c` is no part of the JSON, which has ended or broken before it.
  bool Push(char c);
  void Finish();  // completes a call that was cut off
  size_t calls() const { return calls_; }
  bool rejected() const { return rejected_; }

 private:
  struct Frame {
    bool object = false, want_key = false;
    std::string key, name, id, arguments;
    bool begun = false, arguments_seen = false;
  };
  bool Structure(char c);
  void EndString();
  void EndFrame();
  void Begin(Frame& frame);
  void Arguments(Frame& frame, std::string_view json);
  static bool IsArguments(const std::string& key);

  CallSink* sink_;
  std::vector<Frame> frames_;
  std::string text_;  // a string that is being read, escapes as written
  JsonRepair arguments_;
  size_t calls_ = 0;
  bool quoted_ = false, escaped_ = false, in_arguments_ = false, rejected_ = false, over_ = false;
};

}  // namespace hasten
