// The libraries that the warden holds, for objects that it loads itself: all forks have them.
#pragma once

#include <iterator>

#include "sandbox/warden/symbols.h"

struct link_map;

namespace hasten::sandbox {

class Loaded {
 public:
  static constexpr std::string_view kC = "libc.so.6", kMath = "libm.so.6";

  void Read();  // in the server, before there is a candidate
  // In the server as well: the mathematical library, where `object` names it anywhere. To have it costs each fork some
  // microseconds, so it comes with the first who asks.
  void AddMath(std::string_view object);

  // The address of what the C library and the warden define by that name (and version, unless it is empty), in the order that
  // the dynamic linker looks through them; nullptr: nothing.
  void* Find(std::string_view name, std::string_view version) const;
  void* FindMath(std::string_view name, std::string_view version) const;
  bool has_math() const { return math_.handle != nullptr; }
  uint64_t page_bytes() const { return page_bytes_; }

 private:
  struct Library {
    Symbols symbols;
    void* handle = nullptr;
    const char* base = nullptr;
    const uint16_t* versions = nullptr;         // of each symbol, a number
    const Elf64_Verdef* definitions = nullptr;  // its name
    bool Read(const link_map& map);
    bool IsOf(uint32_t symbol, std::string_view version) const;
    void* Find(std::string_view name, std::string_view version) const;
  };
  // Asked for by every object that gcc links, and known before the first comes.
  static constexpr std::string_view kUsual[] = {"__cxa_finalize", "__gmon_start__", "_ITM_deregisterTMCloneTable",
                                                "_ITM_registerTMCloneTable"};
  void* Search(std::string_view name, std::string_view version) const;

  static constexpr int kMost = 8;
  int count_ = 0;
  uint64_t page_bytes_ = 0;
  Library libraries_[kMost], math_;
  void* usual_[std::size(kUsual)] = {};
};

}  // namespace hasten::sandbox
