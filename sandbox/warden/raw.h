// System calls past the C library. In a process that was forked a moment ago each page of code and of data that it touches is a
// fault of one to two microseconds, and the library's wrappers lie on a page each. None of these calls changes anything that
// the library remembers.
#pragma once

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace hasten::sandbox {

// The kernel's own answer: below zero, an error's number with its sign turned.
inline long RawCall(long number, long a, long b, long c, long d, long e, long f) {
#if defined(__x86_64__)
  register long r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
#elif defined(__aarch64__)
  register long x8 __asm__("x8") = number, x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c,
                   x3 __asm__("x3") = d, x4 __asm__("x4") = e, x5 __asm__("x5") = f;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
  return x0;
#else
  const long result = ::syscall(number, a, b, c, d, e, f);
  return result == -1 ? -errno : result;
#endif
}

inline long RawWord(const void* p) { return reinterpret_cast<long>(p); }
inline long RawWord(long v) { return v; }
inline long RawWord(int v) { return v; }
inline long RawWord(unsigned v) { return long(v); }
inline long RawWord(unsigned long v) { return long(v); }

template <class A = long, class B = long, class C = long, class D = long, class E = long, class F = long>
long Raw(long number, A a = {}, B b = {}, C c = {}, D d = {}, E e = {}, F f = {}) {
  return RawCall(number, RawWord(a), RawWord(b), RawWord(c), RawWord(d), RawWord(e), RawWord(f));
}

// Bytes that do not overlap.
inline void RawCopy(void* to, const void* from, unsigned long bytes) {
#if defined(__x86_64__)
  __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(bytes) : : "memory");
#else
  __builtin_memcpy(to, from, bytes);
#endif
}

}  // namespace hasten::sandbox
