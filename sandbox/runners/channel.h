// The library's end of the socket to a candidate or to a judge: frames of a length and that many bytes. The other side is
// hostile: it may send anything, too much, or nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace hasten::sandbox {

class Channel {
 public:
  Channel() = default;
  explicit Channel(int fd) : fd_(fd) {}
  Channel(Channel&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Channel& operator=(Channel&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Channel() { Close(); }
  // Ours and theirs; both close themselves.
  static Result<std::pair<Channel, Channel>> Pair();

  bool Send(std::string_view frame);  // false: nobody reads any more
  // Nothing where the other side has ended, sent more than `limit` bytes, or said nothing for `seconds` (0: for ever).
  std::optional<std::string> Receive(size_t limit, double seconds = 0);
  bool SendDescriptor(int fd);  // with one byte
  void Close();
  int fd() const { return fd_; }

 private:
  bool Read(char* to, size_t bytes, double seconds);
  int fd_ = -1;
};

}  // namespace hasten::sandbox
