#include "sandbox/embedded.h"

// The assembler pulls the files in; the build names them and rebuilds this file when they change.
#define EMBED(name, path)                                                            \
  asm(".section .rodata\n.balign 16\n" #name "_begin:\n.incbin \"" path "\"\n" #name \
      "_end:\n"                                                                      \
      ".byte 0\n.previous\n");                                                       \
  extern "C" const char name##_begin[], name##_end[]

EMBED(hasten_embedded_warden, HASTEN_WARDEN);
EMBED(hasten_embedded_caller, HASTEN_CALLER);
EMBED(hasten_embedded_zygote, HASTEN_ZYGOTE);
EMBED(hasten_embedded_server_py, HASTEN_SCRIPTS "/server.py");
EMBED(hasten_embedded_judge_py, HASTEN_SCRIPTS "/judge.py");
EMBED(hasten_embedded_values_py, HASTEN_SCRIPTS "/values.py");
EMBED(hasten_embedded_server_lua, HASTEN_SCRIPTS "/server.lua");
EMBED(hasten_embedded_server_js, HASTEN_SCRIPTS "/server.js");

namespace hasten::sandbox {

#define BYTES(name) std::string_view(name##_begin, size_t(name##_end - name##_begin))

std::string_view WardenProgram() { return BYTES(hasten_embedded_warden); }
std::string_view CallerProgram() { return BYTES(hasten_embedded_caller); }
std::string_view ZygoteLibrary() { return BYTES(hasten_embedded_zygote); }

std::string_view Script(std::string_view name) {
  if (name == "server.py") return BYTES(hasten_embedded_server_py);
  if (name == "judge.py") return BYTES(hasten_embedded_judge_py);
  if (name == "values.py") return BYTES(hasten_embedded_values_py);
  if (name == "server.lua") return BYTES(hasten_embedded_server_lua);
  if (name == "server.js") return BYTES(hasten_embedded_server_js);
  return {};
}

}  // namespace hasten::sandbox
