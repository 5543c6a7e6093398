// The way from the jail of a command that judges to the candidate, which runs in another jail: a listening socket. Beside it
// in the judge's jail lies a program (warden/caller.cc) that connects, sends arguments and standard input, and gets back
// what the candidate printed and how it ended. Both sides may be hostile: a judge's command can do no more than call.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/result.h"
#include "sandbox/runner.h"

namespace hasten::sandbox {

// What a caller sends: so many texts and one more, its standard input, each with its length before it.
struct Question {
  std::vector<std::string> arguments;
  std::string input;
};
std::optional<Question> ReadQuestion(size_t arguments, std::string_view bytes);  // nothing: that is none

class Door {
 public:
  static Result<std::unique_ptr<Door>> Open();
  ~Door();
  Door(const Door&) = delete;
  Door& operator=(const Door&) = delete;

  const std::string& socket() const { return socket_; }  // in a folder that only this user may enter
  // Calls are answered, one after the other, until the returned thread is stopped and joined (its destructor does both).
  std::jthread Answer(const CandidateCall& call) const;

 private:
  Door() = default;
  std::string folder_, socket_;
  int listener_ = -1, gone_ = -1;  // gone_: readable once an answer is wanted no more
};

}  // namespace hasten::sandbox
