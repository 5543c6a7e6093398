// A loader for plain shared objects: code and data, relocations against itself and against what the warden has loaded already,
// constructors. It takes no file and a quarter of the time of dlopen(), which stays for all others: thread-local data, versions
// of its own, further libraries, functions that choose their variant, executable stacks.
//
// Runs in the candidate's process, confined: bytes that lie can hurt only whoever wrote them.
#pragma once

#include "sandbox/warden/loaded.h"

namespace hasten::sandbox {

class Object {
 public:
  Object() = default;
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;
  ~Object();
  // False: none of this kind. Nothing of it has run.
  bool Load(std::string_view bytes, const Loaded& loaded);
  void Start() const;                       // its constructors
  void* Find(std::string_view name) const;  // what it defines, or else what is loaded

 private:
  struct Dynamic;
  bool Map(std::string_view bytes);
  bool ReadDynamic(Dynamic* d);
  bool Relocate(const Dynamic& d, uint64_t table, uint64_t bytes);
  bool Resolve(const Dynamic& d, uint64_t index, uint64_t* value) const;
  bool VersionOf(const Dynamic& d, uint64_t index, std::string_view* version) const;
  bool Protect(const Dynamic& d);
  template <class T>
  T* Items(uint64_t address, uint64_t count) const;

  const Loaded* loaded_ = nullptr;
  char* base_ = nullptr;
  uint64_t span_ = 0;       // bytes of memory, whole pages
  uint64_t read_only_ = 0;  // of these, from the first on, once it is relocated
  uint64_t dynamic_ = 0, dynamic_n_ = 0;
  uint64_t init_ = 0, init_array_ = 0, init_array_n_ = 0;
  bool math_ = false;  // it needs that library
  Symbols symbols_;
};

}  // namespace hasten::sandbox
