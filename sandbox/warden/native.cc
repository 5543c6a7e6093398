// Calls functions of a candidate's shared object, in a forked child, without executing anything.
//
// A call: symbol, signature ("i(id)": result, then arguments: i integer, d double, s text), the arguments. All come with the
// job and are answered in order; an end before that leaves the answers that there are.
#include <dlfcn.h>
#include <fcntl.h>

#include "sandbox/warden/run.h"

namespace hasten::sandbox {
namespace {

constexpr int kMaxInts = 6, kMaxDoubles = 8;

// Integers and doubles travel in separate registers, each class in its own order (System V x86-64, AAPCS64). So one call with
// all registers of both classes filled serves every mix of up to six integers and eight doubles.
template <class R>
R Call(void* f, const uint64_t* i, const double* d) {
  using Function = R(uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, double, double, double, double, double, double,
                     double, double);
  return reinterpret_cast<Function*>(f)(i[0], i[1], i[2], i[3], i[4], i[5], d[0], d[1], d[2], d[3], d[4], d[5], d[6], d[7]);
}

// The candidate's object, by the loader of our own where it can, else by the dynamic linker, which wants a file.
class Library {
 public:
  const char* Load(std::string_view bytes, const Loaded& loaded) {  // nullptr, or why not
    if (object_.Load(bytes, loaded)) return object_.Start(), nullptr;
    constexpr char kFile[] = "./candidate.so";
    if (!WriteFile(AT_FDCWD, kFile, bytes, 0644)) return "no room for the shared object";
    handle_ = ::dlopen(kFile, RTLD_NOW | RTLD_LOCAL);
    ::unlink(kFile);
    if (handle_) return nullptr;
    const char* why = ::dlerror();
    return why ? why : "cannot load the shared object";
  }
  // A view of a whole C string.
  void* Find(std::string_view symbol) const { return handle_ ? ::dlsym(handle_, symbol.data()) : object_.Find(symbol); }

 private:
  Object object_;
  void* handle_ = nullptr;
};

class Caller {
 public:
  Caller(const Library& library, AnswerWriter& answers) : library_(library), answers_(answers) {}

  // The next call of `r`; false: none is made after it.
  bool Next(WireReader& r) {
    std::string_view symbol = r.Str();
    if (!symbol.empty()) symbol.remove_suffix(1);  // its ending zero
    const std::string_view signature = r.Str();
    uint64_t ints[kMaxInts] = {};
    double doubles[kMaxDoubles] = {};
    int n_ints = 0, n_doubles = 0;
    for (size_t at = 2; at < signature.size() && signature[at] != ')'; ++at) {
      const char type = signature[at];
      if (type == 'd' ? n_doubles == kMaxDoubles : n_ints == kMaxInts) return Refuse("more arguments than registers");
      if (type == 'd') {
        const uint64_t bits = r.U64();
        std::memcpy(&doubles[n_doubles++], &bits, sizeof bits);
      } else {
        ints[n_ints++] = type == 's' ? uint64_t(Copy(r.Str())) : r.U64();
      }
    }
    if (!r.ok() || symbol.empty()) return false;
    void* function = library_.Find(symbol);
    if (!function) return Refuse("there is no function of that name");
    if (signature[0] == 'd') return AnswerNumber(Call<double>(function, ints, doubles));
    if (signature[0] == 'i') return AnswerNumber(Call<uint64_t>(function, ints, doubles));
    const char* text = Call<const char*>(function, ints, doubles);
    return Answer(text ? text : "");
  }

 private:
  // The candidate may write to it, unlike to the job.
  static uintptr_t Copy(std::string_view text) {
    void* to = ::malloc(text.size());
    if (to) RawCopy(to, text.data(), text.size());
    return reinterpret_cast<uintptr_t>(to);
  }
  template <class T>
  bool AnswerNumber(T value) {
    return Answer({reinterpret_cast<const char*>(&value), sizeof value});
  }
  bool Answer(std::string_view value) {
    return answers_.Add(AnswerKind::kValue, value) || Refuse("its answers are longer than 16 MiB");
  }
  bool Refuse(const char* why) {
    answers_.Add(AnswerKind::kRefusal, why);
    return false;
  }

  const Library& library_;
  AnswerWriter& answers_;
};

}  // namespace

void RunNative(const RunRequest& request, const Server& server) {
  Library library;
  AnswerWriter answers(server.answers);
  if (const char* why = library.Load(request.source.substr(0, request.source.size() - 1), server.loaded)) {
    answers.Add(AnswerKind::kRefusal, why);
    Leave(1);
  }
  Caller caller(library, answers);
  WireReader calls(request.calls);
  while (!calls.at_end() && caller.Next(calls)) {
  }
  Leave(0);
}

}  // namespace hasten::sandbox
