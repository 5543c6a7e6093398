// What stands for the candidate in the jail of a command that judges it. Executed there, it hands its arguments and its
// standard input out to the library (sandbox/runners/door.h), which runs the candidate in the candidate's own jail, and ends as
// that ended: the same output, the same exit code.
#include <errno.h>
#include <stdio.h>
#include <sys/auxv.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "sandbox/warden/warden.h"

namespace hasten::sandbox {
namespace {

constexpr int kCannot = 125;  // as of other programs that run a program, such as timeout(1)

[[noreturn]] void Refuse(const char* what) {
  ::dprintf(2, "the candidate cannot be reached: %s: %s\n", what, ::strerror(errno));
  Leave(kCannot);
}

// The socket lies beside this program, whatever the command has made of folder and environment meanwhile.
int Connect() {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const auto* self = reinterpret_cast<const char*>(::getauxval(AT_EXECFN));
  if (!self || ::snprintf(address.sun_path, sizeof address.sun_path, "%s.sock", self) >= int(sizeof address.sun_path))
    Refuse("its path");
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) Refuse("no connection");
  return fd;
}

void ReceiveAll(int fd, char* to, size_t bytes) {
  while (bytes > 0) {
    const ssize_t got = ::recv(fd, to, bytes, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) Refuse("no answer");
    to += got;
    bytes -= size_t(got);
  }
}

void WriteAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;  // nobody reads any more
    bytes.remove_prefix(size_t(written));
  }
}

int Main(int argc, char** argv) {
  WireBuffer input, question, answer;
  if (!ReadAll(0, input)) Refuse("its input");
  for (int i = 1; i < argc; ++i) question.Str(argv[i]);
  question.Str({input.data(), input.size()});
  if (question.failed()) Refuse("too large an input");
  const int fd = Connect();
  const WireHeader asked{uint32_t(argc - 1), uint32_t(question.size())};
  if (!SendAll(fd, &asked, sizeof asked) || !SendAll(fd, question.data(), question.size())) Refuse("no connection");
  WireHeader told{};
  ReceiveAll(fd, reinterpret_cast<char*>(&told), sizeof told);
  char* const to = answer.Grow(told.bytes);
  if (!to) Refuse("too large an answer");
  ReceiveAll(fd, to, told.bytes);
  WireReader reader(answer.data(), answer.size());
  for (const int stream : {1, 2}) WriteAll(stream, reader.Str());
  return int(told.type);
}

}  // namespace
}  // namespace hasten::sandbox

int main(int argc, char** argv) { return hasten::sandbox::Main(argc, argv); }
