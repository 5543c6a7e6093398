// Calls functions of a candidate's shared object, in a forked child, without executing anything.
//
// A request: symbol, signature ("i(id)": result, then arguments: i integer, d double, s string), the arguments. An answer: 1
// and the value, or 0 and why not. Both with their length before them.
#include <dlfcn.h>

#include "sandbox/warden/warden.h"

namespace hasten::sandbox {
namespace {

constexpr int kChannel = 3;
constexpr int kMaxInts = 6, kMaxDoubles = 8;

bool ReadExactly(void* to, size_t bytes) {
  char* at = static_cast<char*>(to);
  while (bytes > 0) {
    const ssize_t n = ::read(kChannel, at, bytes);
    if (n <= 0) return false;
    at += n;
    bytes -= size_t(n);
  }
  return true;
}

void Answer(WireBuffer& body) {
  const uint32_t size = uint32_t(body.size());
  WireBuffer whole;
  whole.U32(size);
  whole.Raw(body.data(), body.size());
  if (!SendAll(kChannel, whole.data(), whole.size())) Leave(1);
}

void Refuse(const char* why) {
  WireBuffer body;
  body.U32(0);
  body.Str(why);
  Answer(body);
}

// Integers and doubles travel in separate registers, each class in its own order (System V x86-64, AAPCS64). So one call with
// all registers of both classes filled serves every mix of up to six integers and eight doubles.
template <class R>
R Call(void* f, const uint64_t* i, const double* d) {
  using Function = R(uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, double, double, double, double, double, double,
                     double, double);
  return reinterpret_cast<Function*>(f)(i[0], i[1], i[2], i[3], i[4], i[5], d[0], d[1], d[2], d[3], d[4], d[5], d[6], d[7]);
}

void Serve(void* library, WireReader r) {
  const std::string_view symbol = r.Str(), signature = r.Str();
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
      ints[n_ints++] = type == 's' ? reinterpret_cast<uint64_t>(r.Str().data()) : r.U64();
    }
  }
  void* function = ::dlsym(library, symbol.data());
  if (!function || !r.ok()) return Refuse("there is no function of that name");
  WireBuffer body;
  body.U32(1);
  if (signature[0] == 'd') {
    const double value = Call<double>(function, ints, doubles);
    body.Raw(&value, sizeof value);
  } else if (signature[0] == 's') {
    const char* value = Call<const char*>(function, ints, doubles);
    body.Str(value ? value : "");
  } else {
    body.U64(Call<uint64_t>(function, ints, doubles));
  }
  Answer(body);
}

}  // namespace

void RunNative(std::string_view path) {
  void* library = ::dlopen(path.data(), RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char* why = ::dlerror();
    Refuse(why ? why : "cannot load the shared object");
    Leave(1);
  }
  WireBuffer request;
  for (uint32_t size = 0; ReadExactly(&size, sizeof size) && size < kMaxMessage;) {
    request.Clear();
    char* to = request.Grow(size);
    if (!to || !ReadExactly(to, size)) break;
    Serve(library, WireReader(request.data(), request.size()));
  }
  Leave(0);
}

}  // namespace hasten::sandbox
