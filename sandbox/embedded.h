// The warden, as bytes: written to memory and executed from there, so that hasten stays one file.
#pragma once

#include <string_view>

namespace hasten::sandbox {

std::string_view WardenProgram();                // an executable
std::string_view CallerProgram();                // an executable: stands for a candidate in its judge's jail
std::string_view ZygoteLibrary();                // a shared object for interpreters
std::string_view Script(std::string_view name);  // of scripts/: "server.py"; empty where there is none

}  // namespace hasten::sandbox
