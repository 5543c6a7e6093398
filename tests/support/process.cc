#include "tests/support/process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "tests/support/support.h"

namespace hasten {

// In the child: standard streams are files, so nothing can block on a full pipe.
[[noreturn]] static void Become(const std::vector<std::string>& command, const ProcessOptions& options, const TempDir& dir) {
  ::dup2(::open((dir / "in").c_str(), O_RDONLY), STDIN_FILENO);
  ::dup2(::open((dir / "out").c_str(), O_WRONLY | O_CREAT, 0600), STDOUT_FILENO);
  ::dup2(::open((dir / "err").c_str(), O_WRONLY | O_CREAT, 0600), STDERR_FILENO);
  for (const std::string& variable : options.environment) {
    const size_t equals = variable.find('=');
    ::setenv(variable.substr(0, equals).c_str(), variable.substr(equals + 1).c_str(), 1);
  }
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  ::execvp(arguments[0], arguments.data());
  ::_exit(127);
}

ProcessResult RunProcess(const std::vector<std::string>& command, const ProcessOptions& options) {
  const TempDir dir;
  WriteBytes(dir / "in", options.input);
  const pid_t child = ::fork();
  if (child == 0) Become(command, options, dir);
  int status = 0;
  ProcessResult result;
  if (child < 0 || ::waitpid(child, &status, 0) != child) {
    ADD_FAILURE() << "cannot run " << command[0];
    return result;
  }
  result.exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  result.out = ReadBytes(dir / "out");
  result.err = ReadBytes(dir / "err");
  return result;
}

}  // namespace hasten
