#include "detection/condition.h"

#include "absl/strings/str_cat.h"
#include "catch2/catch.hpp"
#include "tests/unit/detection/samples.h"

namespace gatewatch::detection {
namespace {

// A process with only this name.
v1::EventRecord Named(const std::string& name) {
  v1::EventRecord record;
  record.mutable_event()->set_syscall("execve");
  record.mutable_process()->set_name(name);
  return record;
}

// Each row is a condition and whether it holds for the record.
struct Row {
  std::string condition;
  bool holds;
};

void CheckRows(const v1::EventRecord& record, const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    INFO(row.condition);
    CHECK(Holds(row.condition, record) == row.holds);
  }
}

}  // namespace

TEST_CASE("text is compared byte for byte", "[condition]") {
  CheckRows(ShellExec(), {
                             {"proc.name = sh", true},
                             {"proc.name == sh", true},
                             {"proc.name = SH", false},
                             {"proc.name = s", false},
                             {"proc.name != bash", true},
                             {"proc.name != sh", false},
                             {"proc.args = \"-c id; ls\"", true},
                             {"proc.args contains \"id;\"", true},
                             {"proc.args contains ID", false},
                             {"proc.args icontains \"ID;\"", true},
                             {"proc.args icontains xx", false},
                             {"proc.args startswith -c", true},
                             {"proc.args startswith id", false},
                             {"proc.args endswith ls", true},
                             {"proc.args endswith id", false},
                             {"proc.name in (bash, sh)", true},
                             {"proc.name in (bash, zsh)", false},
                             {"proc.name in ()", false},
                             {"proc.name intersects (sh, x)", true},
                             {"proc.name intersects (x)", false},
                         });
}

TEST_CASE("and, or and not combine comparisons", "[condition]") {
  const std::string yes = "proc.name = sh";
  const std::string no = "proc.name = x";
  CheckRows(ShellExec(),
            {
                {yes + " and " + yes, true},
                {yes + " and " + no, false},
                {no + " or " + yes, true},
                {no + " or " + no, false},
                {"not " + no, true},
                {"not " + yes, false},
                {yes + " or " + yes + " and " + no, true},
                {"(" + yes + " or " + yes + ") and " + no, false},
                {"not (" + no + " or " + no + ") and " + yes, true},
            });
}

TEST_CASE("a comparison with what is missing is false", "[condition]") {
  v1::EventRecord record = ShellExec();
  record.clear_ancestors();
  const std::string comparison = GENERATE(
      as<std::string>(), "proc.pname = a", "proc.pname != a",
      "proc.pname contains a", "proc.pname icontains a",
      "proc.pname startswith \"\"", "proc.pname endswith \"\"",
      "proc.pname bcontains 61", "proc.pname bstartswith 61",
      "proc.pname glob *", "proc.pname iglob *", "proc.pname regex .*",
      "proc.pname in (a)", "proc.pname intersects (a)", "proc.pname pmatch (/)",
      "proc.pname exists", "proc.pname != allof (a)", "proc.apid != 1",
      "proc.apid > 0", "proc.apid <= 0", "fd.port != 1", "fd.ip != 1.2.3.4",
      "len(proc.pname) >= 0", "tolower(proc.pname) != a",
      "concat(proc.name, proc.pname) != a", "proc.name != val(proc.pname)");
  INFO(comparison);
  CHECK_FALSE(Holds(comparison, record));
  CHECK(Holds("not " + comparison, record));
}

TEST_CASE("exists tells an empty value from none", "[condition]") {
  v1::EventRecord record = ShellExec();
  CHECK(Holds("proc.pname exists", record));
  record.mutable_process()->clear_arguments();
  CHECK(Holds("proc.args exists and proc.args = \"\"", record));
  record.clear_process();
  CHECK_FALSE(Holds("proc.args exists", record));
}

TEST_CASE("numbers are compared as numbers", "[condition]") {
  CheckRows(ShellExec(), {
                             {"proc.pid = 4242", true},
                             {"proc.pid = 0x1092", true},
                             {"proc.pid = 04242", true},
                             {"proc.pid != 4242", false},
                             {"proc.pid < 4243", true},
                             {"proc.pid < 4242", false},
                             {"proc.pid <= 4242", true},
                             {"proc.pid > 999", true},  // not as text
                             {"proc.pid > 4242", false},
                             {"proc.pid >= 4242", true},
                             {"proc.pid in (1, 0x1092)", true},
                             {"proc.pid in (1, 2)", false},
                             {"user.loginuid = -1", true},
                             {"user.loginuid < 0", true},
                             {"user.loginuid = -0x1", true},
                             {"proc.pid contains 24", true},
                         });
}

TEST_CASE("truth values are the texts true and false", "[condition]") {
  CheckRows(ShadowOpen(), {
                              {"evt.is_open_read = true", true},
                              {"evt.is_open_read = false", false},
                              {"evt.is_open_read != false", true},
                              {"evt.is_open_write = false", true},
                              {"evt.is_open_write in (true)", false},
                          });
}

TEST_CASE("fd.ip, fd.net and fd.port look at both ends", "[condition]") {
  CheckRows(Connect(), {
                           {"fd.ip = 10.0.0.5", true},
                           {"fd.ip = 169.254.170.2", true},
                           {"fd.ip = 1.2.3.4", false},
                           {"fd.ip != 1.2.3.4", true},
                           {"fd.ip != 10.0.0.5", false},
                           {"fd.ip != 169.254.170.2", false},
                           {"fd.ip in (1.2.3.4, 169.254.170.2)", true},
                           {"not fd.ip in (1.2.3.4)", true},
                           {"fd.net = 10.0.0.0/8", true},
                           {"fd.net != 10.0.0.0/8", false},
                           {"fd.net in (192.168.0.0/16, 169.254.0.0/16)", true},
                           {"fd.net in (192.168.0.0/16)", false},
                           {"fd.port = 80", true},
                           {"fd.port = 40000", true},
                           {"fd.port != 80", false},
                           {"fd.port != 40000", false},
                           {"fd.port != 81", true},
                           {"fd.port > 30000", true},
                           {"fd.port < 100", true},
                           {"fd.port in (80)", true},
                       });
}

TEST_CASE("one end alone decides for itself", "[condition]") {
  CheckRows(Connect(), {
                           {"fd.sip = 169.254.170.2", true},
                           {"fd.sip = 10.0.0.5", false},
                           {"fd.sip != 10.0.0.5", true},
                           {"fd.snet = 169.254.0.0/16", true},
                           {"fd.snet in (169.254.170.2)", true},
                           {"fd.sip startswith 169.254.", true},
                           {"fd.sport = 80", true},
                           {"fd.cip = 10.0.0.5", true},
                       });
}

TEST_CASE("IPv6 addresses are compared by value, not by spelling",
          "[condition]") {
  CheckRows(Connect6(), {
                            {"fd.sip = 2001:db8::1", true},
                            {"fd.sip = 2001:0DB8:0::0001", true},
                            {"fd.snet = 2001:db8::/32", true},
                            {"fd.snet = 2001:db9::/32", false},
                            {"fd.net = fd00::/8", true},
                            {"fd.net != fd00::/8", false},
                            {"fd.net = 0.0.0.0/0", false},
                            {"fd.net != 0.0.0.0/0", true},
                        });
}

TEST_CASE("the star of a glob crosses slashes", "[condition]") {
  CheckRows(ShadowOpen(), {
                              {"fd.name glob /etc/sh?dow", true},
                              {"fd.name glob /e*w", true},
                              {"fd.name glob *", true},
                              {"fd.name glob /etc", false},
                              {"fd.name glob \"/etc/[rs]h*\"", true},
                              {"fd.name glob \"/etc/[!s]*\"", false},
                              {"fd.name glob /ETC/*", false},
                              {"fd.name iglob /ETC/*", true},
                          });
}

TEST_CASE("a regular expression has to match the whole", "[condition]") {
  CheckRows(ShadowOpen(), {
                              {"fd.name regex /etc/sha.*", true},
                              {"fd.name regex shadow", false},
                              {"fd.name regex /etc", false},
                              {"fd.name regex \"/etc/(a|sh)adow\"", true},
                              {R"(fd.name regex "/\w+/\w+")", true},
                              {"fd.name regex \"(?i)/ETC/.*\"", true},
                          });
}

TEST_CASE("bytes that are not UTF-8 can be matched", "[condition]") {
  CheckRows(Named("\xff evil \xfe"), {
                                         {"proc.name contains evil", true},
                                         {"proc.name glob *evil*", true},
                                         {"proc.name regex .*evil.*", true},
                                         {"proc.name regex \". evil .\"", true},
                                         {"proc.name bcontains ff20", true},
                                         {"proc.name icontains EVIL", true},
                                         {"proc.name = evil", false},
                                     });
  CHECK(Holds("proc.name regex \"G.*\xc3\xbc\xc3\x9f.\"",
              Named("Gr\xc3\xbc\xc3\x9f"
                    "e")));
  CHECK(Holds("proc.name regex a.b", Named("a\nb")));
}

TEST_CASE("pmatch compares whole components of a path", "[condition]") {
  CheckRows(ShadowOpen(), {
                              {"fd.name pmatch (/etc)", true},
                              {"fd.name pmatch (/etc/)", true},
                              {"fd.name pmatch (/etc/shadow)", true},
                              {"fd.name pmatch (/etc/shadow/x)", false},
                              {"fd.name pmatch (/et)", false},
                              {"fd.name pmatch (/usr, /etc)", true},
                              {"fd.name pmatch (/e*/shadow)", true},
                              {"fd.name pmatch (/*)", true},
                              {"fd.name pmatch (/)", true},
                              {"fd.name pmatch ()", false},
                          });
}

TEST_CASE("bytes are searched by their hexadecimal digits", "[condition]") {
  CheckRows(Named("\xca\xfe\xba\xbe"),
            {
                {"proc.name bcontains cafebabe", true},
                {"proc.name bcontains FEBA", true},
                {"proc.name bcontains cafebabf", false},
                {"proc.name bstartswith cafe", true},
                {"proc.name bstartswith feba", false},
            });
}

TEST_CASE("quantifiers ask for one or all of the values", "[condition]") {
  CheckRows(ShadowOpen(), {
                              {"fd.name contains anyof (x, shadow)", true},
                              {"fd.name contains oneof (x, y)", false},
                              {"fd.name contains allof (etc, shadow)", true},
                              {"fd.name contains allof (etc, x)", false},
                              {"fd.name startswith anyof (/usr, /etc)", true},
                              {"fd.name contains anyof ()", false},
                              {"fd.name = anyof (/etc/shadow)", true},
                              {"proc.pid = anyof (1, 4242)", true},
                              {"proc.pid > allof (1, 4241)", true},
                              {"proc.pid > allof (1, 4242)", false},
                          });
}

TEST_CASE("val compares a field with a field", "[condition]") {
  v1::EventRecord record = ShellExec();
  CHECK_FALSE(Holds("proc.name = val(proc.pname)", record));
  CHECK(Holds("proc.name != val(proc.pname)", record));
  CHECK(Holds("proc.pid = val(proc.pgid)", record));
  CHECK(Holds("proc.pid > val(proc.ppid)", record));
  CHECK_FALSE(Holds("proc.pid < val(proc.name)", record));
  CHECK(Holds("fd.cip = val(fd.lip)", Connect()));
  CHECK_FALSE(Holds("fd.cip = val(fd.rip)", Connect()));
  CHECK(Holds("proc.cmdline startswith val(proc.name)", record));
}

TEST_CASE("functions change what is compared", "[condition]") {
  CheckRows(ShellExec(),
            {
                {"toupper(proc.name) = SH", true},
                {"tolower(container.image) contains WEB", false},
                {"basename(proc.exepath) = dash", true},
                {"basename(proc.name) = sh", true},
                {"len(proc.name) = 2", true},
                {"len(proc.name) > 2", false},
                {"join(\":\", proc.name, proc.pname) = sh:nginx", true},
                {"concat(proc.name, \"/\", proc.pname) = sh/nginx", true},
                {"toupper(basename(proc.exepath)) = DASH", true},
                {"proc.name = tolower(\"SH\")", true},
                {"proc.name = basename(val(proc.exe))", true},
                {"proc.pid = len(proc.name)", false},
            });
  CHECK(Holds("b64(proc.name) = id", Named("aWQ=")));
  CHECK(Holds("b64(proc.name) = id", Named("aWQ")));
  CHECK_FALSE(Holds("b64(proc.name) exists", Named("!")));
}

TEST_CASE("an ancestor is any of them, or the one that is counted",
          "[condition]") {
  CheckRows(ShellExec(), {
                             {"proc.aname = nginx", true},
                             {"proc.aname = tini", true},
                             {"proc.aname = sh", false},  // not itself
                             {"proc.aname in (a, tini)", true},
                             {"proc.aname startswith super", true},
                             {"proc.aname[0] = sh", true},
                             {"proc.aname[1] = nginx", true},
                             {"proc.aname[2] = supervisord", true},
                             {"proc.aname[3] = tini", true},
                             {"proc.aname[4] exists", false},
                             {"proc.aname[1] = tini", false},
                             {"proc.apid[3] = 2000", true},
                             {"proc.apid < 2001", true},
                             {"proc.aexe[2] = python3", true},
                             {"proc.aexepath[1] = /usr/sbin/nginx", true},
                             {"proc.acmdline[1] = \"nginx worker\"", true},
                         });
}

TEST_CASE("a value that does not fit its operator is refused with its column",
          "[condition]") {
  CHECK(ConditionError("proc.pid = abc") ==
        "column 1: \"abc\" is not a number");
  CHECK(ConditionError("proc.name = a or proc.pid > x") ==
        "column 18: \"x\" is not a number");
  CHECK(ConditionError("fd.ip = localhost") ==
        "column 1: \"localhost\" is not an address or address block");
  CHECK(ConditionError("fd.net in (10.0.0.0/8, 10.0.0.0/40)") ==
        "column 1: \"10.0.0.0/40\" is not an address or address block");
  CHECK(ConditionError("proc.name bcontains abc") ==
        "column 1: \"abc\" is not bytes in hexadecimal");
  CHECK(ConditionError("proc.name bcontains xy") ==
        "column 1: \"xy\" is not bytes in hexadecimal");
  CHECK(ConditionError("proc.name regex \"(\"") ==
        "column 1: not a regular expression: missing ): (");
}

TEST_CASE("what a condition holds cannot drive a terminal by its errors",
          "[condition]") {
  CHECK(ConditionError("proc.name = a \x1b[2J") ==
        "column 15: expected \"and\" or \"or\", found \"\\x1b[2J\"");
}

TEST_CASE("a comparison that could never hold is refused", "[condition]") {
  CHECK(ConditionError("proc.name < 5") == "column 1: < compares numbers only");
  CHECK(ConditionError("fd.sip >= 5") == "column 1: >= compares numbers only");
  CHECK(ConditionError("proc.name > val(proc.pid)") ==
        "column 1: > compares numbers only");
  CHECK(ConditionError("evt.is_open_read = yes") ==
        "column 1: \"yes\" is neither true nor false");
  CHECK(ConditionError("evt.is_open_read in (true, 1)") ==
        "column 1: \"1\" is neither true nor false");
}

TEST_CASE("a regular expression that explodes is refused", "[condition]") {
  CHECK_THAT(ConditionError("proc.name regex \"((a{900}){900}){900}\""),
             Catch::Contains("not a regular expression"));
}

TEST_CASE("a condition has no macros, and its functions take so many arguments",
          "[condition]") {
  CHECK(ConditionError("spawned_process") ==
        "column 1: there is no macro spawned_process");
  CHECK(ConditionError("len(proc.name, proc.exe) = 1") ==
        "column 1: len takes 1 to 1 arguments");
  CHECK(ConditionError("join(\",\") = a") ==
        "column 1: join takes 2 to 16 arguments");
}

TEST_CASE("a condition of 60,000 comparisons is matched", "[condition]") {
  std::string text = "proc.pid=0";
  for (int i = 0; i < 60'000; ++i) text += " or proc.pid=1";
  CHECK_FALSE(Holds(text, ShellExec()));
  CHECK(Holds(text + " or proc.pid=4242", ShellExec()));
}

}  // namespace gatewatch::detection
