// A loader for plain shared objects: code and data, relocations against itself and against what the warden has loaded already,
// constructors. It takes no file and a quarter of the time of dlopen(), which stays for all others: thread-local data, versions
// of its own, further libraries, functions that choose their variant, executable stacks.
//
// Runs in the candidate's process, confined: bytes that lie can hurt only whoever wrote them.
#pragma once

#include <iterator>

#include "sandbox/warden/symbols.h"

namespace hasten::sandbox {

// The libraries of the warden, in the order that the dynamic linker looks through them.
class Loaded {
 public:
  void Read();  // in the server, before there is a candidate
  // The address of what they define by that name (and version, unless it is empty); nullptr: nothing.
  void* Find(std::string_view name, std::string_view version) const;
  uint64_t page_bytes() const { return page_bytes_; }

 private:
  struct Library {
    Symbols symbols;
    const char* base = nullptr;
    const uint16_t* versions = nullptr;         // of each symbol, a number
    const Elf64_Verdef* definitions = nullptr;  // its name
    bool Read(const char* at, const Elf64_Dyn* dynamic);
    bool IsOf(uint32_t symbol, std::string_view version) const;
  };
  // Asked for by every object that gcc links, and known before the first comes.
  static constexpr std::string_view kUsual[] = {"__cxa_finalize", "__gmon_start__", "_ITM_deregisterTMCloneTable",
                                                "_ITM_registerTMCloneTable"};
  void* Search(std::string_view name, std::string_view version) const;

  static constexpr int kMost = 8;
  int count_ = 0;
  uint64_t page_bytes_ = 0;
  Library libraries_[kMost];
  void* usual_[std::size(kUsual)] = {};
};

class Object {
 public:
  // False: none of this kind, and nothing of it has run.
  bool Load(std::string_view bytes, const Loaded& loaded);
  void* Find(std::string_view name) const;  // what it defines, or else what is loaded

 private:
  struct Dynamic;
  bool Map(std::string_view bytes);
  bool ReadDynamic(Dynamic* d);
  bool Relocate(const Dynamic& d, uint64_t table, uint64_t bytes);
  bool Resolve(const Dynamic& d, uint64_t index, uint64_t* value) const;
  bool VersionOf(const Dynamic& d, uint64_t index, std::string_view* version) const;
  bool Start(const Dynamic& d) const;
  template <class T>
  T* Items(uint64_t address, uint64_t count) const;

  const Loaded* loaded_ = nullptr;
  char* base_ = nullptr;
  uint64_t span_ = 0;       // bytes of memory, whole pages
  uint64_t read_only_ = 0;  // of these, from the first on, once it is relocated
  uint64_t dynamic_ = 0, dynamic_n_ = 0;
  Symbols symbols_;
};

}  // namespace hasten::sandbox
