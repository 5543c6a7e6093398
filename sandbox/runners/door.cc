#include "sandbox/runners/door.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "sandbox/wire.h"

namespace hasten::sandbox {
namespace {

constexpr uint32_t kMaxQuestion = uint32_t(64) << 20, kMaxArguments = 1000;

// One end of a call, as long as somebody waits for the answer: `gone` becomes readable when nobody does.
class Line {
 public:
  Line(int fd, int gone) : fd_(fd), gone_(gone) {}

  bool Wait(short what) const {
    for (;;) {
      pollfd both[2] = {{fd_, what, 0}, {gone_, POLLIN, 0}};
      if (::poll(both, 2, -1) < 0 && errno != EINTR) return false;
      if (both[1].revents) return false;
      if (both[0].revents) return true;
    }
  }
  bool Receive(char* to, size_t bytes) const {
    while (bytes > 0) {
      if (!Wait(POLLIN)) return false;
      const ssize_t n = ::recv(fd_, to, bytes, MSG_DONTWAIT);
      if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
      if (n <= 0) return false;
      to += n;
      bytes -= size_t(n);
    }
    return true;
  }
  bool Send(const char* from, size_t bytes) const {
    while (bytes > 0) {
      if (!Wait(POLLOUT)) return false;
      const ssize_t n = ::send(fd_, from, bytes, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
      if (n <= 0) return false;
      from += n;
      bytes -= size_t(n);
    }
    return true;
  }

 private:
  int fd_, gone_;
};

// One call. What is no question ends the connection, and the caller says that it cannot reach the candidate.
void Serve(const Line& line, const CandidateCall& call) {
  WireHeader asked{};
  if (!line.Receive(reinterpret_cast<char*>(&asked), sizeof asked)) return;
  if (asked.bytes > kMaxQuestion || asked.type > kMaxArguments) return;
  std::string question(asked.bytes, '\0');
  if (!line.Receive(question.data(), question.size())) return;
  auto read = ReadQuestion(asked.type, question);
  if (!read) return;
  const CallAnswer answer = call(std::move(read->arguments), std::move(read->input));
  WireBuffer body;
  body.Str(answer.out);
  body.Str(answer.err);
  if (body.failed()) return;
  const WireHeader told{uint32_t(answer.exit_code) & 0xff, uint32_t(body.size())};
  if (line.Send(reinterpret_cast<const char*>(&told), sizeof told)) line.Send(body.data(), body.size());
}

}  // namespace

std::optional<Question> ReadQuestion(size_t arguments, std::string_view bytes) {
  WireReader reader(bytes);
  Question question;
  for (size_t i = 0; i < arguments && reader.ok(); ++i) question.arguments.emplace_back(reader.Str());
  question.input = reader.Str();
  if (!reader.ok()) return {};
  return question;
}

Result<std::unique_ptr<Door>> Door::Open() {
  std::string pattern = (std::filesystem::temp_directory_path() / "hasten-XXXXXX").string();
  const auto failed = [](const std::string& what) { return Error{Code::kExhausted, what + ": " + std::strerror(errno)}; };
  if (!::mkdtemp(pattern.data())) return failed("cannot make the folder " + pattern);
  std::unique_ptr<Door> door(new Door);
  door->folder_ = pattern;
  door->socket_ = pattern + "/candidate.sock";
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (door->socket_.size() >= sizeof address.sun_path)
    return Error{Code::kBadInput, "the path of temporary files is too long for a socket: " + door->socket_};
  std::memcpy(address.sun_path, door->socket_.c_str(), door->socket_.size() + 1);
  door->listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  door->gone_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  // The folder keeps others out; inside of the jail the caller is another user.
  if (door->gone_ < 0 || door->listener_ < 0 ||
      ::bind(door->listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::chmod(door->socket_.c_str(), 0666) != 0 || ::listen(door->listener_, 64) != 0)
    return failed("cannot make the socket " + door->socket_);
  return door;
}

Door::~Door() {
  for (const int fd : {listener_, gone_})
    if (fd >= 0) ::close(fd);
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::jthread Door::Answer(const CandidateCall& call) const {
  return std::jthread([fd = listener_, gone = gone_, &call](const std::stop_token& stop) {
    const std::stop_callback wake(stop, [gone] { ::eventfd_write(gone, 1); });
    while (Line(fd, gone).Wait(POLLIN)) {
      const int one = ::accept4(fd, nullptr, nullptr, SOCK_CLOEXEC);
      if (one < 0) continue;
      Serve(Line(one, gone), call);
      ::close(one);
    }
    eventfd_t count = 0;
    ::eventfd_read(gone, &count);
  });
}

}  // namespace hasten::sandbox
