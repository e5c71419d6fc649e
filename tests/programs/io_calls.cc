// One of each call on files, in the folder given.
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/programs/require.h"

int main(int, char** argv) {
  REQUIRE_CALL(chdir(argv[1]));
  REQUIRE_CALL(mkdir("directory", 0755));
  const int directory = REQUIRE_CALL(open("directory", O_RDONLY));
  const int made =
      REQUIRE_CALL(openat(directory, "made", O_CREAT | O_RDWR, 0640));
  open_how how{};
  how.flags = O_RDONLY;
  REQUIRE_CALL(syscall(SYS_openat2, AT_FDCWD, "directory/../directory/./made",
                       &how, sizeof(how)));
  REQUIRE_CALL(creat("created", 0600));
  open("missing", O_RDONLY);
  REQUIRE_CALL(fchmod(made, 0755));
  REQUIRE_CALL(chmod("created", 0644));
  REQUIRE_CALL(chown("created", getuid(), getgid()));
  REQUIRE_CALL(link("created", "hard"));
  REQUIRE_CALL(symlink("created", "soft"));
  REQUIRE_CALL(open("soft", O_WRONLY));
  REQUIRE_CALL(rename("hard", "renamed"));
  REQUIRE_CALL(unlink("renamed"));
  REQUIRE_CALL(unlink("soft"));
  REQUIRE_CALL(unlink("created"));
  REQUIRE_CALL(unlink("directory/made"));
  REQUIRE_CALL(unlinkat(AT_FDCWD, "directory", AT_REMOVEDIR));
  puts("done");
  return 0;
}
