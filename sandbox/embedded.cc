#include "sandbox/embedded.h"

// The assembler pulls the files in; the build names them and rebuilds this file when they change.
#define EMBED(name, path)                                                            \
  asm(".section .rodata\n.balign 16\n" #name "_begin:\n.incbin \"" path "\"\n" #name \
      "_end:\n"                                                                      \
      ".byte 0\n.previous\n");                                                       \
  extern "C" const char name##_begin[], name##_end[]

EMBED(hasten_embedded_warden, HASTEN_WARDEN);
EMBED(hasten_embedded_zygote, HASTEN_ZYGOTE);

namespace hasten::sandbox {

std::string_view WardenProgram() {
  return {hasten_embedded_warden_begin, size_t(hasten_embedded_warden_end - hasten_embedded_warden_begin)};
}
std::string_view ZygoteLibrary() {
  return {hasten_embedded_zygote_begin, size_t(hasten_embedded_zygote_end - hasten_embedded_zygote_begin)};
}

}  // namespace hasten::sandbox
