#include "chat/json_calls.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace hasten {

bool JsonCallReader::IsArguments(const std::string& key) {
  return key == "arguments" || key == "parameters" || key == "args" || key == "input" || key == "kwargs";
}

void JsonCallReader::Begin(Frame& frame) {
  if (frame.begun || frame.name.empty() || rejected_) return;
  std::string id = frame.id;  // {"id": …, "function": {"name": …}}: of the object around
  if (id.empty() && &frame == &frames_.back() && frames_.size() > 1) id = frames_[frames_.size() - 2].id;
  if (!sink_->Begin(frame.name, id)) {
    rejected_ = over_ = true;
    return;
  }
  frame.begun = true;
  ++calls_;
  if (!frame.arguments.empty()) sink_->Arguments(std::exchange(frame.arguments, {}));
}

void JsonCallReader::Arguments(Frame& frame, std::string_view json) {
  if (json.empty()) return;
  frame.arguments_seen = true;
  if (frame.begun) {
    sink_->Arguments(json);
  } else {
    frame.arguments += json;
  }
}

void JsonCallReader::EndFrame() {
  Frame& frame = frames_.back();
  if (frame.object && !frame.name.empty()) {
    Begin(frame);
    if (frame.begun && !frame.arguments_seen) sink_->Arguments("{}");
    if (frame.begun) sink_->End();
  }
  frames_.pop_back();
  over_ |= frames_.empty();
}

void JsonCallReader::EndString() {
  quoted_ = false;
  const auto decoded = nlohmann::json::parse("\"" + text_ + "\"", nullptr, false);
  const std::string value = decoded.is_string() ? decoded.get<std::string>() : std::exchange(text_, {});
  text_.clear();
  Frame& frame = frames_.back();
  if (frame.want_key) {
    frame.key = value;
    return;
  }
  if (!frame.object) return;
  const bool names = frame.key == "name" || frame.key == "tool_name" || frame.key == "function" || frame.key == "tool";
  if (names && frame.name.empty()) {
    frame.name = value;
    if (frame.arguments_seen) Begin(frame);
  } else if (frame.key == "id" || frame.key == "call_id") {
    frame.id = value;
  } else if (IsArguments(frame.key) && !frame.arguments_seen) {  // JSON inside of a string
    std::string json;
    JsonRepair repair;
    bool whole = true;
    for (const char c : value) whole = whole && repair.Push(c, json);
    repair.Finish(json);
    Begin(frame);
    Arguments(frame, json);
  }
}

bool JsonCallReader::Structure(char c) {
  Frame* frame = frames_.empty() ? nullptr : &frames_.back();
  switch (c) {
    case '{':
    case '[':
      if (frame && frame->want_key) return false;
      if (frames_.size() > 32) return false;
      frames_.emplace_back();
      frames_.back().object = frames_.back().want_key = c == '{';
      return true;
    case '}':
    case ']':
      if (!frame || frame->object != (c == '}')) return false;
      EndFrame();
      return true;
    case ':':
      if (!frame || !frame->object) return false;
      frame->want_key = false;
      return true;
    case ',':
      if (!frame) return false;
      frame->want_key = frame->object;
      return true;
    case '"':
      if (!frame) return false;
      quoted_ = true;
      return true;
    default:  // numbers and words that nobody asks for
      return frame && (std::isalnum(static_cast<unsigned char>(c)) || std::isspace(static_cast<unsigned char>(c)) || c == '-' ||
                       c == '.' || c == '+');
  }
}

bool JsonCallReader::Push(char c) {
  if (over_) return false;
  if (in_arguments_) {
    std::string out;
    const bool taken = arguments_.Push(c, out);
    Arguments(frames_.back(), out);
    if (taken && !arguments_.done()) return true;
    in_arguments_ = false;
    if (!taken && !arguments_.done()) {  // broken inside: closed as well as it can be
      out.clear();
      arguments_.Finish(out);
      Arguments(frames_.back(), out);
    }
    if (taken) return true;
  }
  if (quoted_) {
    if (!escaped_ && c == '"') {
      EndString();
    } else {
      escaped_ = !escaped_ && c == '\\';
      if (c == '\n') {
        text_ += "\\n";
      } else {
        text_ += c;
      }
    }
    return true;
  }
  Frame* frame = frames_.empty() ? nullptr : &frames_.back();
  const bool value = frame && frame->object && !frame->want_key && IsArguments(frame->key) && !frame->arguments_seen;
  if (value && (c == '{' || c == '[')) {
    Begin(*frame);
    if (rejected_) return false;
    arguments_ = JsonRepair();
    in_arguments_ = true;
    std::string out;
    arguments_.Push(c, out);
    Arguments(*frame, out);
    return true;
  }
  return Structure(c);
}

void JsonCallReader::Finish() {
  if (rejected_) return;
  if (in_arguments_) {
    std::string out;
    arguments_.Finish(out);
    Arguments(frames_.back(), out);
    in_arguments_ = false;
  }
  if (quoted_ && !frames_.empty() && !frames_.back().want_key && IsArguments(frames_.back().key)) EndString();
  quoted_ = false;
  while (!frames_.empty()) {
    // A name that was cut off is no call.
    EndFrame();
  }
  over_ = true;
}

}  // namespace hasten
