#include "detection/option_scan.h"

#include "absl/strings/str_cat.h"
#include "catch2/catch.hpp"
#include "tests/unit/detection/samples.h"

namespace gatewatch::detection {
namespace {

// "e=/bin/sh l p=80"
std::string Scan(const std::vector<std::string>& arguments,
                 absl::string_view letters) {
  std::string text;
  for (const ScannedOption& option : ScanOptions(arguments, letters)) {
    absl::StrAppend(&text, text.empty() ? "" : " ",
                    absl::string_view(&option.letter, 1),
                    option.value.empty() ? "" : "=", option.value);
  }
  return text;
}

}  // namespace

TEST_CASE("options are found as getopt finds them", "[getopt]") {
  CHECK(Scan({"-l", "-p", "80", "-e/bin/sh"}, "lp:e:") == "l p=80 e=/bin/sh");
  CHECK(Scan({"-lp80"}, "lp:") == "l p=80");
  CHECK(Scan({"host", "-l"}, "l") == "l");
  CHECK(Scan({"--", "-l"}, "l").empty());
  CHECK(Scan({"--long", "-", "-x"}, "l").empty());
  CHECK(Scan({"-p"}, "p:") == "p");
  CHECK(Scan({"-o", "-l"}, "o::l") == "o l");
  CHECK(Scan({"-ofile"}, "o::") == "o=file");
  CHECK(Scan({"-:"}, "l:").empty());
}

TEST_CASE("a rule can ask for options and their values", "[getopt]") {
  const v1::EventRecord record = ShellExec();  // sh -c "id; ls"
  CHECK(Holds("getopt(proc.args, \"c:x\") intersects (c)", record));
  CHECK_FALSE(Holds("getopt(proc.args, \"c:x\") intersects (x)", record));
  CHECK(Holds("getopt(proc.args, \"c:\")[c] = \"id; ls\"", record));
  CHECK(Holds("getopt(proc.args, \"c:\", \"c\") startswith id", record));
  CHECK_FALSE(Holds("getopt(proc.args, \"c:\")[x] exists", record));
}

TEST_CASE("lists are read item by item where that is meant", "[getopt]") {
  const v1::EventRecord record = ShellExec();
  CHECK(Holds("proc.args intersects (-c, -x)", record));
  CHECK_FALSE(Holds("proc.args intersects (id, ls)", record));
  CHECK(Holds("len(proc.args) = 2", record));
  CHECK(Holds("len(proc.args) = 0", Record("event {} process {}")));
  CHECK(Holds("join(\",\", proc.args) = \"-c,id; ls\"", record));
}

}  // namespace gatewatch::detection
