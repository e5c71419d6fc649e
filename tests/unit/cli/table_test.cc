#include "cli/table.h"

#include <sstream>

#include "catch2/catch.hpp"

namespace gatewatch::cli {

TEST_CASE("columns are as wide as their widest cell", "[cli]") {
  Table table({"A", "LONG"});
  table.Add({"Grüße", "x"});
  table.Add({"y", "z"});
  std::ostringstream out;
  table.Write(out);
  CHECK(out.str() == "A      LONG\nGrüße  x\ny      z\n");
}

TEST_CASE("a table without headings has no line of headings", "[cli]") {
  Table table({"", ""});
  table.Add({"a", "b"});
  std::ostringstream out;
  table.Write(out);
  CHECK(out.str() == "a  b\n");
}

TEST_CASE("a cell cannot drive the terminal", "[cli]") {
  Table table({"A"});
  table.Add({"\x1b[2J\n"});
  std::ostringstream out;
  table.Write(out);
  CHECK(out.str() == "A\n\\x1b[2J\\n\n");
}

TEST_CASE("cutting keeps whole characters and shows the cut", "[cli]") {
  CHECK(CutToWidth("Grüße", 5) == "Grüße");
  CHECK(CutToWidth("Grüße", 4) == "Grü…");
  CHECK(CutToWidth("Grüße", 3) == "Gr…");
  CHECK(CutToWidth("abc", 1) == "…");
  CHECK(CutToWidth("", 1) == "");
}

}  // namespace gatewatch::cli
