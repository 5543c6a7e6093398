#include "sandbox/warden/object.h"

#include <sys/mman.h>

#include "sandbox/warden/warden.h"

namespace hasten::sandbox {
namespace {

#if defined(__x86_64__)
constexpr uint16_t kMachine = EM_X86_64;
enum : uint32_t {
  kAbsolute = R_X86_64_64,
  kData = R_X86_64_GLOB_DAT,
  kJump = R_X86_64_JUMP_SLOT,
  kRelative = R_X86_64_RELATIVE
};
#elif defined(__aarch64__)
constexpr uint16_t kMachine = EM_AARCH64;
enum : uint32_t {
  kAbsolute = R_AARCH64_ABS64,
  kData = R_AARCH64_GLOB_DAT,
  kJump = R_AARCH64_JUMP_SLOT,
  kRelative = R_AARCH64_RELATIVE
};
#else
constexpr uint16_t kMachine = EM_NONE;  // of no object: all go to dlopen()
enum : uint32_t { kAbsolute = 1, kData, kJump, kRelative };
#endif

constexpr uint64_t kMaxAlign = 65536, kMaxSpan = uint64_t(64) << 20;

// `bytes` of a file from `offset` on, or nullptr.
const char* Inside(std::string_view file, uint64_t offset, uint64_t bytes) {
  return offset <= file.size() && bytes <= file.size() - offset ? file.data() + offset : nullptr;
}

}  // namespace

// What the dynamic section says, as addresses within the object.
struct Object::Dynamic {
  uint64_t hash = 0, symbols = 0, strings = 0, string_bytes = 0;
  uint64_t relocations = 0, relocation_bytes = 0, jumps = 0, jump_bytes = 0;
  uint64_t init = 0, init_array = 0, init_array_bytes = 0;
  uint64_t versions = 0, needed_versions = 0, needed_versions_n = 0;
};

template <class T>
T* Object::Items(uint64_t address, uint64_t count) const {
  if (address % alignof(T) != 0 || address > span_ || (span_ - address) / sizeof(T) < count) return nullptr;
  return reinterpret_cast<T*>(base_ + address);
}

// Reads the segments into fresh memory. What is never written comes first, so that one call protects all of it, together with
// what is written only while relocating.
bool Object::Map(std::string_view bytes) {
  const auto page = [page_bytes = loaded_->page_bytes()](uint64_t at) { return at & ~(page_bytes - 1); };
  const char* at = Inside(bytes, 0, sizeof(Elf64_Ehdr));
  if (!at) return false;
  Elf64_Ehdr head;
  std::memcpy(&head, at, sizeof head);
  constexpr unsigned char kIdent[] = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT};
  if (!Same({reinterpret_cast<const char*>(head.e_ident), sizeof kIdent},
            {reinterpret_cast<const char*>(kIdent), sizeof kIdent}) ||
      head.e_type != ET_DYN || head.e_machine != kMachine)
    return false;
  constexpr int kMostSegments = 16;
  Elf64_Phdr segments[kMostSegments];
  const int n = head.e_phnum;
  at = n <= kMostSegments && head.e_phentsize == sizeof *segments ? Inside(bytes, head.e_phoff, sizeof *segments * size_t(n))
                                                                  : nullptr;
  if (!at) return false;
  RawCopy(segments, at, sizeof *segments * size_t(n));
  uint64_t end = 0, writable = 0;
  for (int i = 0; i < n; ++i) {
    const Elf64_Phdr& s = segments[i];
    if (s.p_type == PT_TLS || s.p_type == PT_INTERP || (s.p_type == PT_GNU_STACK && (s.p_flags & PF_X))) return false;
    if (s.p_type == PT_GNU_RELRO) read_only_ = page(s.p_vaddr + s.p_memsz);
    if (s.p_type == PT_DYNAMIC) dynamic_ = s.p_vaddr, dynamic_n_ = s.p_memsz / sizeof(Elf64_Dyn);
    if (s.p_type != PT_LOAD) continue;
    const bool inside =
        Inside(bytes, s.p_offset, s.p_filesz) && s.p_filesz <= s.p_memsz && s.p_vaddr <= kMaxSpan && s.p_memsz <= kMaxSpan;
    const bool in_order = end == 0 ? page(s.p_vaddr) == 0 : s.p_vaddr >= end;
    if (!inside || !in_order || s.p_align > kMaxAlign) return false;
    const bool first_writable = (s.p_flags & PF_W) && !writable;
    if (first_writable) writable = page(s.p_vaddr);
    if (first_writable ? writable < end : writable && !(s.p_flags & PF_W)) return false;
    end = s.p_vaddr + s.p_memsz;
  }
  span_ = page(end + loaded_->page_bytes() - 1);
  if (end == 0 || dynamic_n_ == 0) return false;
  if (!writable) writable = span_;
  if (read_only_ < writable || read_only_ > span_) read_only_ = writable;
  const long base = Raw(SYS_mmap, 0, span_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (base < 0) return false;
  base_ = reinterpret_cast<char*>(base);
  for (int i = 0; i < n; ++i)
    if (segments[i].p_type == PT_LOAD)
      RawCopy(base_ + segments[i].p_vaddr, bytes.data() + segments[i].p_offset, segments[i].p_filesz);
  __builtin___clear_cache(base_, base_ + span_);  // it is code, where a processor must be told
  return true;
}

bool Object::ReadDynamic(Dynamic* d) {
  const auto* entries = Items<Elf64_Dyn>(dynamic_, dynamic_n_);
  if (!entries) return false;
  uint64_t needed[4], needed_n = 0;
  for (uint64_t i = 0; i < dynamic_n_ && entries[i].d_tag != DT_NULL; ++i) {
    const uint64_t value = entries[i].d_un.d_val;
    switch (entries[i].d_tag) {
      case DT_GNU_HASH:
        d->hash = value;
        break;
      case DT_SYMTAB:
        d->symbols = value;
        break;
      case DT_STRTAB:
        d->strings = value;
        break;
      case DT_STRSZ:
        d->string_bytes = value;
        break;
      case DT_RELA:
        d->relocations = value;
        break;
      case DT_RELASZ:
        d->relocation_bytes = value;
        break;
      case DT_JMPREL:
        d->jumps = value;
        break;
      case DT_PLTRELSZ:
        d->jump_bytes = value;
        break;
      case DT_INIT:
        d->init = value;
        break;
      case DT_INIT_ARRAY:
        d->init_array = value;
        break;
      case DT_INIT_ARRAYSZ:
        d->init_array_bytes = value;
        break;
      case DT_VERSYM:
        d->versions = value;
        break;
      case DT_VERNEED:
        d->needed_versions = value;
        break;
      case DT_VERNEEDNUM:
        d->needed_versions_n = value;
        break;
      case DT_NEEDED:
        if (needed_n == 4) return false;
        needed[needed_n++] = value;
        break;
      case DT_SYMENT:
        if (value != sizeof(Elf64_Sym)) return false;
        break;
      case DT_RELAENT:
        if (value != sizeof(Elf64_Rela)) return false;
        break;
      case DT_PLTREL:
        if (value != DT_RELA) return false;
        break;
      case DT_FLAGS:
        if (value & ~uint64_t(DF_BIND_NOW)) return false;
        break;
      case DT_FLAGS_1:
        if (value & ~uint64_t(DF_1_NOW)) return false;
        break;
      case DT_HASH:
      case DT_PLTGOT:
      case DT_RELACOUNT:
      case DT_FINI:
      case DT_FINI_ARRAY:
      case DT_FINI_ARRAYSZ:
      case DT_SONAME:
        break;  // of no use here: an end runs no destructors
      default:
        return false;
    }
  }
  if (d->hash == 0 ||
      !symbols_.Read(base_, base_ + span_, base_ + d->hash, base_ + d->symbols, base_ + d->strings, d->string_bytes))
    return false;
  if (symbols_.Defines(STT_GNU_IFUNC)) return false;
  for (uint64_t i = 0; i < needed_n; ++i) {
    const std::string_view name = symbols_.Name(needed[i]);
    const bool math = loaded_->has_math() && Same(name, Loaded::kMath);
    if (!math && !Same(name, Loaded::kC)) return false;
    math_ = math_ || math;
  }
  return true;
}

// The version that the reference asks for; empty: any.
bool Object::VersionOf(const Dynamic& d, uint64_t index, std::string_view* version) const {
  *version = {};
  if (!d.versions) return true;
  const auto* entry = Items<uint16_t>(d.versions, index + 1);
  if (!entry) return false;
  const unsigned wanted = entry[index] & 0x7fffU;
  if (wanted <= VER_NDX_GLOBAL) return true;
  uint64_t at = d.needed_versions;
  for (uint64_t i = 0; i < d.needed_versions_n; ++i) {
    const auto* file = Items<Elf64_Verneed>(at, 1);
    if (!file) return false;
    uint64_t name_at = at + file->vn_aux;
    for (unsigned k = 0; k < file->vn_cnt; ++k) {
      const auto* name = Items<Elf64_Vernaux>(name_at, 1);
      if (!name) return false;
      if (name->vna_other == wanted) return *version = symbols_.Name(name->vna_name), !version->empty();
      if (name->vna_next == 0) break;
      name_at += name->vna_next;
    }
    if (file->vn_next == 0) return false;  // the last, whatever their number is said to be
    at += file->vn_next;
  }
  return false;
}

// In the dynamic linker's order: what is loaded comes before what the object itself defines.
bool Object::Resolve(const Dynamic& d, uint64_t index, uint64_t* value) const {
  *value = 0;
  if (index == 0) return true;
  const Elf64_Sym* symbol = symbols_.At(index);
  if (!symbol) return false;
  const unsigned type = ELF64_ST_TYPE(symbol->st_info), binding = ELF64_ST_BIND(symbol->st_info);
  if (type == STT_TLS || type == STT_GNU_IFUNC || binding > STB_WEAK) return false;
  const bool defined = symbol->st_shndx != SHN_UNDEF;
  if (defined && symbol->st_shndx >= SHN_LORESERVE) return false;
  const std::string_view name = symbols_.Name(symbol->st_name);
  std::string_view version;
  if (!defined || (binding != STB_LOCAL && ELF64_ST_VISIBILITY(symbol->st_other) == STV_DEFAULT)) {
    if (name.empty() || !VersionOf(d, index, &version)) return false;
    // Who asks for the list of loaded objects is to find itself on it.
    if (!defined && (name.starts_with("dl") || name.starts_with("_dl"))) return false;
    if (const void* found = loaded_->Find(name, version)) return *value = reinterpret_cast<uint64_t>(found), true;
  }
  if (!defined) {
    const void* found = math_ ? loaded_->FindMath(name, version) : nullptr;
    *value = reinterpret_cast<uint64_t>(found);
    return found || binding == STB_WEAK;
  }
  *value = reinterpret_cast<uint64_t>(base_) + symbol->st_value;
  return true;
}

bool Object::Relocate(const Dynamic& d, uint64_t table, uint64_t bytes) {
  const uint64_t n = bytes / sizeof(Elf64_Rela), base = reinterpret_cast<uint64_t>(base_);
  const auto* entries = Items<Elf64_Rela>(table, n);
  if (!entries) return false;
  for (uint64_t i = 0; i < n; ++i) {
    const Elf64_Rela& r = entries[i];
    auto* const place = Items<uint64_t>(r.r_offset, 1);
    if (!place) return false;
    uint64_t value = 0;
    switch (ELF64_R_TYPE(r.r_info)) {
      case kRelative:
        *place = base + uint64_t(r.r_addend);
        break;
      case kAbsolute:
      case kData:
      case kJump:
        if (!Resolve(d, ELF64_R_SYM(r.r_info), &value)) return false;
        *place = value + uint64_t(r.r_addend);
        break;
      default:
        return false;
    }
  }
  return true;
}

using Constructor = void(int, char**, char**);

bool Object::Protect(const Dynamic& d) {
  init_ = d.init;
  init_array_ = d.init_array;
  init_array_n_ = d.init_array_bytes / sizeof(Constructor*);
  return init_ < span_ && Items<Constructor*>(init_array_, init_array_n_) &&
         Raw(SYS_mprotect, base_, read_only_, PROT_READ | PROT_EXEC) == 0;
}

bool Object::Load(std::string_view bytes, const Loaded& loaded) {
  loaded_ = &loaded;
  Dynamic d;
  return Map(bytes) && ReadDynamic(&d) && Relocate(d, d.relocations, d.relocation_bytes) &&
         Relocate(d, d.jumps, d.jump_bytes) && Protect(d);
}

Object::~Object() {
  if (base_) Raw(SYS_munmap, base_, span_);
}

// In the order and with the arguments that the dynamic linker gives them.
void Object::Start() const {
  char name[] = "hasten-warden";
  char* argv[] = {name, nullptr};
  if (init_) reinterpret_cast<Constructor*>(base_ + init_)(1, argv, ::environ);
  auto* const constructors = Items<Constructor*>(init_array_, init_array_n_);
  for (uint64_t i = 0; i < init_array_n_; ++i) constructors[i](1, argv, ::environ);
}

void* Object::Find(std::string_view name) const {
  const uint32_t index = symbols_.Find(name);
  if (index == 0) {
    void* const math = math_ ? loaded_->FindMath(name, {}) : nullptr;
    return math ? math : loaded_->Find(name, {});
  }
  const Elf64_Sym* symbol = symbols_.At(index);
  const unsigned type = ELF64_ST_TYPE(symbol->st_info);
  const bool callable =
      symbol->st_value < span_ && symbol->st_shndx < SHN_LORESERVE && type != STT_TLS && type != STT_GNU_IFUNC;
  return callable ? base_ + symbol->st_value : nullptr;
}

}  // namespace hasten::sandbox
