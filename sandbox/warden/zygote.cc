// The loop for interpreters: loaded before them or by them, it forks candidates from a process that is already warm.
#include <stdlib.h>

#include "sandbox/warden/warden.h"

// Returns in each candidate's process, confined, its channel at descriptor 3; never in the server.
extern "C" [[gnu::visibility("default")]] int hasten_serve() {
  hasten::sandbox::Serve();
  return 0;
}

// An interpreter that cannot load a library is forked at the door: linked, not yet in its main().
[[gnu::constructor]] static void AtStart() {
  if (!::getenv("HASTEN_SERVE_AT_START")) return;
  ::unsetenv("HASTEN_SERVE_AT_START");
  ::unsetenv("LD_PRELOAD");
  ::unsetenv("HASTEN_LIBRARY");
  hasten::sandbox::Serve();
}
