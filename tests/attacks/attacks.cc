// What a hostile candidate might try, by name: attacks NAME. Built without sanitizers and without anything of hasten. Exit 42
// means that the attack worked, 0 that it was tried and came to nothing.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <initializer_list>

static constexpr int kWorked = 42;
extern char** environ;

static int ForkBomb() {
  for (;;) fork();
}

static int MemoryBomb() {
  for (;;) {
    char* p = static_cast<char*>(malloc(1 << 20));
    if (p) memset(p, 1, 1 << 20);
  }
}

// Each process alone stays below the limit.
static int MemoryBombOfMany() {
  for (int i = 0; i < 8; ++i)
    if (fork() == 0) {
      auto* p = static_cast<volatile char*>(malloc(24 << 20));
      for (int at = 0; at < 24 << 20; at += 4096) p[at] = 1;
      for (;;) pause();
    }
  for (;;) pause();
}

static int SharedMemoryBomb() {
  for (;;) {
    void* p = mmap(nullptr, 1 << 20, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (p != MAP_FAILED) memset(p, 1, 1 << 20);
  }
}

static int FileBomb() {
  char block[65536] = {1};
  for (int i = 0;; ++i) {
    char name[32];
    snprintf(name, sizeof name, "file%d", i);
    const int fd = open(name, O_CREAT | O_WRONLY, 0600);
    if (fd < 0) return 1;
    for (int k = 0; k < 64; ++k)
      if (write(fd, block, sizeof block) != sizeof block) return 1;
    close(fd);
  }
}

static int OutputFlood() {
  for (;;) puts("all work and no play makes a dull candidate");
}

// Leaves its session and its parent, lives on, and would write its mark later.
static int DoubleFork() {
  if (fork() == 0) {
    setsid();
    if (fork() == 0) {
      close(0), close(1), close(2);
      for (;;) pause();
    }
    _exit(0);
  }
  usleep(50000);
  return 0;
}

static int IgnoreTerm() {
  for (int s = 1; s < 65; ++s) signal(s, SIG_IGN);
  for (;;) pause();
}

static int StopItself() {
  raise(SIGSTOP);
  for (;;) pause();
}

static int Crash() {
  raise(SIGSEGV);
  return 0;
}
static int Abort() { abort(); }

static int Spin() {
  for (;;) asm volatile("");
}

static int WriteOutside() {
  for (const char* path : {"/mark", "/usr/mark", "/usr/bin/mark", "/etc/mark", "/etc/passwd", "/dev/mark", "/proc/mark",
                           "/boot/mark", "/lib/mark", "/../mark"}) {
    if (open(path, O_CREAT | O_WRONLY, 0666) >= 0) return kWorked;
    if (mkdir(path, 0777) == 0) return kWorked;
  }
  if (rename("/work", "/gone") == 0 || unlink("/etc/passwd") == 0 || chmod("/usr/bin/env", 0777) == 0) return kWorked;
  return 0;
}

// Every process whose environment or memory it can see must be its own.
static int ReadProc() {
  char path[64];
  for (int pid = 1; pid < 40000; ++pid) {
    for (const char* file : {"environ", "mem", "maps", "cmdline"}) {
      snprintf(path, sizeof path, "/proc/%d/%s", pid, file);
      const int fd = open(path, O_RDONLY);
      char byte[4096];
      if (fd < 0) continue;
      const ssize_t n = read(fd, byte, sizeof byte);
      if (n > 0 && memmem(byte, size_t(n), "warden", 6)) return kWorked;
      close(fd);
    }
  }
  return 0;
}

static int Ptrace() { return ptrace(PTRACE_ATTACH, getppid(), nullptr, nullptr) == 0 ? kWorked : 0; }

static int SignalOthers() {
  int hit = 0;
  for (int pid = 1; pid < 100000; ++pid)
    if (pid != getpid() && kill(pid, 0) == 0) ++hit;
  return hit > 1 ? kWorked : 0;  // the first process of its own namespace is there
}

// Nothing of the outer environment, no descriptor but the three.
static int Leaks() {
  for (char** e = environ; *e; ++e)
    if (strstr(*e, "HASTEN") || strstr(*e, "SECRET") || strstr(*e, "LD_PRELOAD")) return kWorked;
  for (int fd = 3; fd < 20000; ++fd)
    if (fcntl(fd, F_GETFD) >= 0) return kWorked;
  return 0;
}

static int AbstractSocket(const char* name) {
  const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  strncpy(address.sun_path + 1, name, sizeof address.sun_path - 2);
  const socklen_t size = socklen_t(offsetof(sockaddr_un, sun_path) + 1 + strlen(name));
  return connect(fd, reinterpret_cast<sockaddr*>(&address), size) == 0 ? kWorked : 0;
}

static int Network() { return socket(AF_INET, SOCK_STREAM, 0) >= 0 ? kWorked : 0; }
static int RawNetwork() { return socket(AF_PACKET, SOCK_RAW, 0) >= 0 ? kWorked : 0; }
static int IoUring() {
  char parameters[256] = {};
  return syscall(425, 8, parameters) >= 0 ? kWorked : 0;
}
static int Keyctl() { return syscall(SYS_keyctl, 0, -3, 1) >= 0 ? kWorked : 0; }
static int AddKey() { return syscall(SYS_add_key, "user", "a", "b", 1, -3) >= 0 ? kWorked : 0; }
static int Namespace() { return unshare(CLONE_NEWUSER) == 0 ? kWorked : 0; }
static int PidNamespace() { return unshare(CLONE_NEWPID) == 0 ? kWorked : 0; }
static int MountSomething() { return mount("none", "/tmp", "tmpfs", 0, nullptr) == 0 ? kWorked : 0; }
static int Bpf() { return syscall(SYS_bpf, 0, nullptr, 0) >= 0 ? kWorked : 0; }
static int ReadOthersMemory() { return syscall(SYS_process_vm_readv, getppid(), nullptr, 0, nullptr, 0, 0) >= 0 ? kWorked : 0; }

static int X32() {
#ifdef __x86_64__
  return syscall(0x40000000 + SYS_getpid) >= 0 ? kWorked : 0;
#else
  return 0;
#endif
}

static int Int80() {
#ifdef __x86_64__
  long result = 20;  // getpid of the 32-bit table
  asm volatile("int $0x80" : "+a"(result)::"memory");
  return result >= 0 ? kWorked : 0;
#else
  return 0;
#endif
}

// In a child: the whole candidate must end for it.
static int ForbiddenInChild() {
  if (fork() == 0) {
    syscall(SYS_keyctl, 0, -3, 1);
    _exit(0);
  }
  int status = 0;
  wait(&status);
  return 0;
}

static int Links() {
  const int fd = open("honest.txt", O_CREAT | O_WRONLY, 0644);
  if (write(fd, "here\n", 5) != 5 || symlink("/etc/passwd", "stolen.txt") || symlink("/", "root") || mkfifo("pipe", 0644) ||
      mkdir("sub", 0755) || symlink("../../../etc/passwd", "sub/up"))
    return 1;
  return 0;
}

// A chain of folders deeper than any path, and one that nobody may enter.
static int DeepFolders() {
  for (int i = 0; i < 3000; ++i)
    if (mkdir("d", 0755) != 0 || chdir("d") != 0) break;
  if (chdir("/work") == 0 && mkdir("shut", 0755) == 0 && mkdir("shut/in", 0755) == 0) chmod("shut", 0);
  return 0;
}

static int Empty() {
  int seen = 0;
  for (const char* path : {"/work", "/tmp"}) {
    DIR* folder = opendir(path);
    while (const dirent* entry = readdir(folder))
      if (entry->d_name[0] != '.' || (entry->d_name[1] && entry->d_name[1] != '.')) ++seen;
    closedir(folder);
  }
  return seen ? kWorked : 0;
}

static int Forge() {
  puts("{\"verdict\": \"accepted\", \"exit_code\": 0}\naccepted");
  for (int fd = 3; fd < 64; ++fd) (void)!write(fd, "\x67\0\0\0\0\0\0\0", 8);
  return 1;
}

int main(int argc, char** argv) {
  struct Attack {
    const char* name;
    int (*run)();
  };
  static const Attack kAttacks[] = {
      {"fork-bomb", ForkBomb},
      {"memory-bomb", MemoryBomb},
      {"memory-bomb-of-many", MemoryBombOfMany},
      {"shared-memory-bomb", SharedMemoryBomb},
      {"file-bomb", FileBomb},
      {"output-flood", OutputFlood},
      {"double-fork", DoubleFork},
      {"ignore-term", IgnoreTerm},
      {"stop-itself", StopItself},
      {"crash", Crash},
      {"abort", Abort},
      {"spin", Spin},
      {"write-outside", WriteOutside},
      {"read-proc", ReadProc},
      {"ptrace", Ptrace},
      {"signal-others", SignalOthers},
      {"leaks", Leaks},
      {"network", Network},
      {"raw-network", RawNetwork},
      {"io-uring", IoUring},
      {"keyctl", Keyctl},
      {"add-key", AddKey},
      {"namespace", Namespace},
      {"pid-namespace", PidNamespace},
      {"mount", MountSomething},
      {"bpf", Bpf},
      {"read-others-memory", ReadOthersMemory},
      {"x32", X32},
      {"int80", Int80},
      {"forbidden-in-child", ForbiddenInChild},
      {"links", Links},
      {"deep-folders", DeepFolders},
      {"empty", Empty},
      {"forge", Forge},
  };
  if (argc == 3 && !strcmp(argv[1], "abstract-socket")) return AbstractSocket(argv[2]);
  for (const Attack& a : kAttacks)
    if (argc == 2 && !strcmp(argv[1], a.name)) return a.run();
  return 99;
}
