#include <cstdio>

int main() {
  std::puts("hasten " HASTEN_VERSION);
  return 0;
}
