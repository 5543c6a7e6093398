#include "sandbox/runners/channel.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>

namespace hasten::sandbox {

Result<std::pair<Channel, Channel>> Channel::Pair() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return Error{Code::kExhausted, Fmt("cannot make a socket: %s", std::strerror(errno))};
  return std::pair<Channel, Channel>(Channel(ends[0]), Channel(ends[1]));
}

void Channel::Close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

bool Channel::Send(std::string_view frame) {
  uint32_t size = uint32_t(frame.size());
  iovec parts[2] = {{&size, sizeof size}, {const_cast<char*>(frame.data()), frame.size()}};
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = 2;
  while (parts[0].iov_len + parts[1].iov_len > 0) {
    const ssize_t n = ::sendmsg(fd_, &message, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    size_t left = size_t(n);
    for (iovec& part : parts) {
      const size_t used = std::min(left, part.iov_len);
      part.iov_base = static_cast<char*>(part.iov_base) + used;
      part.iov_len -= used;
      left -= used;
    }
  }
  return true;
}

bool Channel::Read(char* to, size_t bytes, double seconds) {
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  while (bytes > 0) {
    if (seconds > 0) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
      pollfd p{fd_, POLLIN, 0};
      const int ready = left <= 0 ? 0 : ::poll(&p, 1, int(std::min<int64_t>(left, 1 << 30)) + 1);
      if (ready < 0 && errno == EINTR) continue;
      if (ready <= 0) return false;
    }
    const ssize_t n = ::recv(fd_, to, bytes, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    to += n;
    bytes -= size_t(n);
  }
  return true;
}

std::optional<std::string> Channel::Receive(size_t limit, double seconds) {
  uint32_t size = 0;
  if (!Read(reinterpret_cast<char*>(&size), sizeof size, seconds) || size > limit) return std::nullopt;
  std::string frame(size, '\0');
  if (!Read(frame.data(), frame.size(), seconds)) return std::nullopt;
  return frame;
}

bool Channel::SendDescriptor(int fd) {
  char byte = 0;
  iovec part{&byte, 1};
  alignas(cmsghdr) char ancillary[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = ancillary;
  message.msg_controllen = sizeof ancillary;
  cmsghdr* c = CMSG_FIRSTHDR(&message);
  c->cmsg_level = SOL_SOCKET;
  c->cmsg_type = SCM_RIGHTS;
  c->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(c), &fd, sizeof(int));
  return ::sendmsg(fd_, &message, MSG_NOSIGNAL) == 1;
}

}  // namespace hasten::sandbox
