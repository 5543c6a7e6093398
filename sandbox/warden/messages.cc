#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <time.h>

#include "sandbox/warden/warden.h"

namespace hasten::sandbox {

uint64_t NowUs() {
  timespec t{};
  ::clock_gettime(CLOCK_MONOTONIC, &t);
  return uint64_t(t.tv_sec) * 1000000 + uint64_t(t.tv_nsec) / 1000;
}

bool SendAll(int fd, const void* data, size_t bytes) {
  const char* at = static_cast<const char*>(data);
  while (bytes > 0) {
    const ssize_t sent = ::send(fd, at, bytes, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    at += sent;
    bytes -= size_t(sent);
  }
  return true;
}

// The header goes into the same call as the body: a small message is one system call for each side.
bool Send(int fd, Tell type, const WireBuffer& body) {
  WireHeader header{uint32_t(type), uint32_t(body.size())};
  iovec parts[2] = {{&header, sizeof header}, {const_cast<char*>(body.data()), body.size()}};
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = 2;
  ssize_t sent = 0;
  do sent = ::sendmsg(fd, &message, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  if (sent < ssize_t(sizeof header)) return false;
  const size_t done = size_t(sent) - sizeof header;
  return SendAll(fd, body.data() + done, body.size() - done);
}

void Fail(int fd, const char* what, int error) {
  WireBuffer body;
  body.U32(uint32_t(error));
  body.Str(what);
  Send(fd, Tell::kFailed, body);
  Leave(1);
}

bool ReceiveAll(int fd, void* to, size_t bytes) {
  char* at = static_cast<char*>(to);
  while (bytes > 0) {
    const ssize_t got = ::recv(fd, at, bytes, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    at += got;
    bytes -= size_t(got);
  }
  return true;
}

bool ReceiveHead(int fd, WireHeader* head, int* channel) {
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))];
  iovec part{head, sizeof *head};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ssize_t got = 0;
  do got = ::recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
  while (got < 0 && errno == EINTR);
  if (got <= 0) return false;
  *channel = -1;
  for (cmsghdr* c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c))
    if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS) std::memcpy(channel, CMSG_DATA(c), sizeof(int));
  return ReceiveAll(fd, reinterpret_cast<char*>(head) + got, sizeof *head - size_t(got)) && head->bytes <= kMaxMessage;
}

bool ReadAll(int fd, WireBuffer& to) {
  constexpr size_t kChunk = 16384;
  for (;;) {
    char* at = to.Grow(kChunk);
    if (!at) return false;
    const ssize_t got = ::read(fd, at, kChunk);
    to.Shrink(kChunk - (got > 0 ? size_t(got) : 0));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return got == 0;
  }
}

}  // namespace hasten::sandbox
