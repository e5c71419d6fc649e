// Statically linked: opens no library.
#include <stdio.h>

int main() {
  puts("hello");
  return 4;
}
