#include "sandbox/warden/loaded.h"

#include <dlfcn.h>
#include <link.h>
#include <unistd.h>

namespace hasten::sandbox {

bool Loaded::Library::Read(const link_map& map) {
  base = reinterpret_cast<const char*>(map.l_addr);
  const char *hash = nullptr, *table = nullptr, *strings = nullptr;
  uint64_t string_bytes = 0;
  for (const Elf64_Dyn* d = map.l_ld; d->d_tag != DT_NULL; ++d) {
    // The C library has made addresses of most of these, and left them alone where the section is read-only.
    const auto* to = reinterpret_cast<const char*>(d->d_un.d_ptr);
    if (to < base) to = base + d->d_un.d_ptr;
    if (d->d_tag == DT_GNU_HASH) hash = to;
    if (d->d_tag == DT_SYMTAB) table = to;
    if (d->d_tag == DT_STRTAB) strings = to;
    if (d->d_tag == DT_STRSZ) string_bytes = d->d_un.d_val;
    if (d->d_tag == DT_VERSYM) versions = reinterpret_cast<const uint16_t*>(to);
    if (d->d_tag == DT_VERDEF) definitions = reinterpret_cast<const Elf64_Verdef*>(to);
  }
  const auto* everything = reinterpret_cast<const char*>(PTRDIFF_MAX);
  return symbols.Read(nullptr, everything, hash, table, strings, string_bytes);
}

// Whether the symbol's version has that name, or is the one for who asks for none.
bool Loaded::Library::IsOf(uint32_t symbol, std::string_view version) const {
  constexpr uint16_t kHidden = 0x8000;
  if (!versions || !definitions) return version.empty();
  if (version.empty()) return !(versions[symbol] & kHidden);
  for (const Elf64_Verdef* d = definitions;;) {
    const auto* at = reinterpret_cast<const char*>(d);
    if (d->vd_ndx == (versions[symbol] & ~kHidden))
      return Same(symbols.Name(reinterpret_cast<const Elf64_Verdaux*>(at + d->vd_aux)->vda_name), version);
    if (d->vd_next == 0) return false;
    d = reinterpret_cast<const Elf64_Verdef*>(at + d->vd_next);
  }
}

// The dynamic linker's own search is asked only where this one does not decide: it costs fifteen pages touched.
void* Loaded::Library::Find(std::string_view name, std::string_view version) const {
  const uint32_t first = symbols.Find(name);
  uint32_t index = first;
  while (index && !IsOf(index, version)) index = symbols.Find(name, index);
  if (index) {
    const Elf64_Sym* symbol = symbols.At(index);
    const unsigned type = ELF64_ST_TYPE(symbol->st_info);
    char* const at = const_cast<char*>(base) + symbol->st_value;
    if (type == STT_FUNC || type == STT_OBJECT) return at;
#if defined(__x86_64__)  // elsewhere it is told of the processor by arguments
    if (type == STT_GNU_IFUNC) return reinterpret_cast<void* (*)()>(at)();
#endif
  }
  if (!first) return nullptr;
  return version.empty() ? ::dlsym(handle, name.data()) : ::dlvsym(handle, name.data(), version.data());
}

void Loaded::Read() {
  page_bytes_ = uint64_t(::sysconf(_SC_PAGESIZE));
  link_map* map = nullptr;
  void* self = ::dlopen(nullptr, RTLD_NOW);
  if (!self || ::dlinfo(self, RTLD_DI_LINKMAP, &map) != 0) return;
  for (; map && count_ < kMost; map = map->l_next) {
    if (std::string_view(map->l_name).starts_with("linux-vdso")) continue;  // nobody's symbols
    libraries_[count_].handle = RTLD_DEFAULT;
    if (libraries_[count_].Read(*map)) ++count_;
  }
  for (size_t i = 0; i < std::size(kUsual); ++i) usual_[i] = Search(kUsual[i], {});
}

void Loaded::AddMath(std::string_view object) {
  if (has_math() || object.find(kMath) == object.npos) return;
  void* const handle = ::dlopen(kMath.data(), RTLD_NOW | RTLD_LOCAL);
  link_map* map = nullptr;
  if (handle && ::dlinfo(handle, RTLD_DI_LINKMAP, &map) == 0 && math_.Read(*map)) math_.handle = handle;
}

void* Loaded::Search(std::string_view name, std::string_view version) const {
  for (int i = 0; i < count_; ++i)
    if (void* const found = libraries_[i].Find(name, version)) return found;
  return nullptr;
}

void* Loaded::Find(std::string_view name, std::string_view version) const {
  for (size_t i = 0; version.empty() && i < std::size(kUsual); ++i)
    if (Same(kUsual[i], name)) return usual_[i];
  return Search(name, version);
}

void* Loaded::FindMath(std::string_view name, std::string_view version) const { return math_.Find(name, version); }

}  // namespace hasten::sandbox
