#include "detection/output_format.h"

#include "absl/strings/str_cat.h"
#include "catch2/catch.hpp"
#include "tests/unit/detection/samples.h"

namespace gatewatch::detection {
namespace {

std::string Fill(const std::string& text, const v1::EventRecord& record) {
  ParseError error;
  const auto format = OutputFormat::Parse(text, error);
  if (!format) FAIL(text << ": " << error.position << ": " << error.what);
  return format->Fill(ViewOf(record));
}

std::string ErrorOf(const std::string& text) {
  ParseError error;
  if (OutputFormat::Parse(text, error)) return "none";
  return absl::StrCat(error.position, ": ", error.what);
}

}  // namespace

TEST_CASE("fields of an output are filled in", "[output]") {
  const v1::EventRecord record = ShellExec();
  CHECK(Fill("shell (%proc.name pid=%proc.pid)", record) ==
        "shell (sh pid=4242)");
  CHECK(Fill("%proc.name%proc.pname", record) == "shnginx");
  CHECK(Fill("%proc.aname[2]|%proc.aname", record) ==
        "supervisord|nginx,supervisord,tini");
  CHECK(Fill("%toupper(proc.name)!", record) == "SH!");
  CHECK(Fill("%basename(proc.exepath)", record) == "dash");
  CHECK(Fill("", record).empty());
  CHECK(Fill("plain", record) == "plain");
}

TEST_CASE("a sentence may end behind a field", "[output]") {
  CHECK(Fill("by %proc.name.", ShellExec()) == "by sh.");
  CHECK(Fill("by %proc.name...", ShellExec()) == "by sh...");
  CHECK(Fill("%proc.aname[1].", ShellExec()) == "nginx.");
  CHECK(Fill("%proc.pid-%proc.name->x", ShellExec()) == "4242-sh->x");
  CHECK(Fill("%proc.name-like", ShellExec()) == "sh-like");
}

TEST_CASE("a percent sign before no name stands for itself", "[output]") {
  const v1::EventRecord record = ShellExec();
  CHECK(Fill("100%", record) == "100%");
  CHECK(Fill("100% sure", record) == "100% sure");
  CHECK(Fill("%%", record) == "%%");
  CHECK(Fill("%%proc.name", record) == "%sh");
  CHECK(Fill("%1", record) == "%1");
}

TEST_CASE("Falco's leading star is ignored", "[output]") {
  CHECK(Fill("*%proc.name", ShellExec()) == "sh");
  CHECK(Fill("a*b", ShellExec()) == "a*b");
}

TEST_CASE("what is missing reads <NA>", "[output]") {
  CHECK(Fill("%fd.name %container.mounts", ShellExec()) == "<NA> <NA>");
  CHECK(Fill("%tolower(fd.name)", ShellExec()) == "<NA>");
}

TEST_CASE("control bytes of an event are escaped", "[output]") {
  v1::EventRecord record = ShellExec();
  record.mutable_process()->set_name("\x1b]0;x\a\n\xff");
  CHECK(Fill("%proc.name", record) == "\\x1b]0;x\\x07\\n\\xff");
}

TEST_CASE("a wrong field of an output is told with its place", "[output]") {
  CHECK(ErrorOf("a %proc.nam b") ==
        "2: there is no field proc.nam; did you mean proc.name?");
  CHECK(ErrorOf("%proc.aname[1") == "0: the bracket does not close");
  CHECK(ErrorOf("%proc.name[1]") == "0: proc.name takes no argument");
  CHECK(ErrorOf("ab %tolower(proc.name") == "3: expected \")\", found the end");
  CHECK(ErrorOf("100%sure") == "3: there is no field sure");
}

}  // namespace gatewatch::detection
