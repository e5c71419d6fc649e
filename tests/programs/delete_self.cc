// Deletes its own file, then exits.
#include <unistd.h>

#include "tests/programs/require.h"

int main(int, char** argv) {
  REQUIRE_CALL(unlink(argv[0]));
  puts("deleted");
  return 0;
}
