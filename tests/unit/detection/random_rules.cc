#include "tests/unit/detection/random_rules.h"

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace gatewatch::detection {
namespace {

using Words = std::vector<std::string>;

const Words& TextFields() {
  static const auto* const fields = new Words{"proc.name",
                                              "proc.exepath",
                                              "proc.cmdline",
                                              "proc.args",
                                              "proc.pname",
                                              "proc.aname",
                                              "proc.aname[2]",
                                              "fd.name",
                                              "fd.directory",
                                              "fd.filename",
                                              "evt.arg.path",
                                              "user.name",
                                              "container.name",
                                              "evt.type",
                                              "fd.sip.name",
                                              "proc.aexepath",
                                              "tolower(fd.name)",
                                              "basename(proc.exepath)",
                                              "concat(proc.name, fd.name)"};
  return *fields;
}

const Words& Names() {
  static const auto* const names =
      new Words{"sh",   "bash", "Bash", "nginx",  "etc",    "ETC",    "shadow",
                "tmp",  "bin",  "usr",  "passwd", "shadow", "x",      ".ssh",
                "a.b*", "tmpx", "",     "id_rsa", "var",    "tmp bin"};
  return *names;
}

const Words& Calls() {
  static const auto* const calls =
      new Words{"execve", "openat", "open", "connect", "unlinkat"};
  return *calls;
}

std::string Quoted(absl::string_view text) {
  return absl::StrCat("\"", text, "\"");
}

}  // namespace

size_t RandomRules::Below(size_t limit) {
  return std::uniform_int_distribution<size_t>(0, limit - 1)(random_);
}

std::string RandomRules::Path() {
  std::string path;
  for (size_t parts = Below(4); parts > 0; --parts) {
    absl::StrAppend(&path, "/", OneOf(Names()));
  }
  return path;
}

std::string RandomRules::Text() {
  std::string text = OneIn(2) ? OneOf(Names()) : Path();
  if (OneIn(3) && !text.empty()) {
    const size_t begin = Below(text.size());
    text = text.substr(begin, 1 + Below(text.size() - begin));
  }
  if (OneIn(6)) absl::AsciiStrToUpper(&text);
  return text;
}

std::string RandomRules::List(absl::string_view kind) {
  std::string list = "(";
  for (size_t count = 1 + Below(4); count > 0; --count) {
    absl::StrAppend(&list, list.size() > 1 ? ", " : "",
                    Quoted(kind == "call"   ? OneOf(Calls())
                           : kind == "port" ? absl::StrCat(Below(5))
                                            : Text()));
  }
  return list + ")";
}

std::string RandomRules::TextComparison() {
  static const auto* const kOperators =
      new Words{"=",        "!=",       "contains", "icontains", "startswith",
                "endswith", "contains", "glob",     "iglob",     "="};
  static const auto* const kRegexes = new Words{
      ".*shadow.*", "/(etc|tmp)/.*", "(?i).*TMP.*bin.*",    "[a-z]*",
      "/usr.*",     ".*(sh|ssh)",    "(nginx|bash|passwd)", ".*\\\\.ssh.*"};
  const std::string field = OneOf(TextFields());
  switch (Below(8)) {
    case 0:
      return absl::StrCat(field, " in ", List("text"));
    case 1:
      return absl::StrCat(field, " pmatch ", List("text"));
    case 2:
      return absl::StrCat(field, " regex ", Quoted(OneOf(*kRegexes)));
    case 3:
      return absl::StrCat(field, " = val(", OneOf(TextFields()), ")");
    case 4:
      return absl::StrCat(field, " bcontains ",
                          Quoted(absl::BytesToHexString(Text())));
    default:
      break;
  }
  const std::string& op = OneOf(*kOperators);
  std::string text = Text();
  if (op == "glob" || op == "iglob") {
    text = absl::StrCat(OneIn(2) ? "*" : "?", text, OneIn(2) ? "*" : "");
  }
  return absl::StrCat(field, " ", op, " ", Quoted(text));
}

std::string RandomRules::Comparison() {
  switch (Below(10)) {
    case 0:
      return absl::StrCat("fd.sport in ", List("port"));
    case 1:
      return absl::StrCat("fd.port != ", Below(5));
    case 2:
      return absl::StrCat("fd.sip = 10.0.0.", Below(4));
    case 3:
      return absl::StrCat("fd.snet in (10.0.0.", Below(4), "/31, 10.0.0.9)");
    case 4:
      return absl::StrCat("evt.is_open_write = ", OneIn(2) ? "true" : "false");
    case 5:
      return absl::StrCat("proc.tty ", OneIn(2) ? ">" : "=", " ", Below(3));
    case 6:
      return absl::StrCat(OneOf(TextFields()), " exists");
    default:
      return TextComparison();
  }
}

std::string RandomRules::Condition(int depth) {
  if (depth == 0 || OneIn(4)) return Comparison();
  if (OneIn(4)) return absl::StrCat("not (", Condition(depth - 1), ")");
  const absl::string_view word = OneIn(3) ? " or " : " and ";
  std::string chain = absl::StrCat("(", Condition(depth - 1), ")");
  for (size_t count = 1 + Below(3); count > 0; --count) {
    absl::StrAppend(&chain, word, "(", Condition(depth - 1), ")");
  }
  // Most rules name the types of their events.
  return OneIn(2)
             ? absl::StrCat("evt.type in ", List("call"), " and (", chain, ")")
             : chain;
}

void RandomRules::Fill(v1::Process& process) {
  process.set_name(OneOf(Names()));
  process.mutable_executable()->set_path(Path());
  for (size_t count = Below(4); count > 0; --count) {
    process.add_arguments(OneIn(2) ? Text() : Path());
  }
  process.set_tty(static_cast<uint32_t>(Below(3)));
  process.mutable_credentials()->set_user_name(OneOf(Names()));
}

v1::EventRecord RandomRules::Event() {
  v1::EventRecord record;
  v1::Event& event = *record.mutable_event();
  event.set_syscall(OneOf(Calls()));
  if (event.syscall() == "connect") {
    v1::Socket& socket = *event.mutable_socket_call()->mutable_socket();
    socket.set_family(2);
    for (v1::Address* end : {socket.mutable_local(), socket.mutable_remote()}) {
      end->set_ip(std::string("\x0a\0\0", 3) + static_cast<char>(Below(4)));
      end->set_port(static_cast<uint32_t>(Below(5)));
      end->set_name(OneOf(Names()));
    }
  } else if (event.syscall() == "unlinkat") {
    event.mutable_file_change()->mutable_file()->set_path(Path());
  } else if (event.syscall() == "execve") {
    event.mutable_process_exec()->set_filename(Path());
  } else {
    event.mutable_file_open()->mutable_file()->set_path(Path());
    event.mutable_file_open()->set_flags(static_cast<uint32_t>(Below(3)));
  }
  if (OneIn(10)) return record;  // of nobody
  Fill(*record.mutable_process());
  for (size_t count = Below(4); count > 0; --count) {
    Fill(*record.add_ancestors());
  }
  if (OneIn(2)) record.mutable_container()->set_name(OneOf(Names()));
  return record;
}

}  // namespace gatewatch::detection
