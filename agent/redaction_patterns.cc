#include "agent/redaction_patterns.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace gatewatch::agent {
namespace {

// How the names of flags, variables and members end whose value is a secret.
// At the end, since --password-file and TOKEN_TTL hold none.
constexpr char kSecretName[] =
    R"((?:password|passwd|passphrase|secret|token|api[_-]?key|access[_-]?key)"
    R"(|secret[_-]?key|private[_-]?key|auth[_-]?key|account[_-]?key)"
    R"(|credentials?|mysql_pwd|secret_key_base))";

// A value within a line of shell: quoted or bare, not a "$reference".
constexpr char kShellValue[] = R"re((?:"([^"$`][^"]*)"|'([^']+)')re"
                               R"re(|([^\s"'$`;&|<>()][^\s"';&|<>()]*)))re";

constexpr char kHeaders[] =
    R"((?:x-api-key|api-key|x-auth-token|x-access-token|private-token)"
    R"(|x-vault-token|x-amz-security-token|x-aws-ec2-metadata-token)"
    R"(|proxy-authorization|cookie|set-cookie))";

// Secrets that are told by their own form.
std::vector<std::string> FormPatterns() {
  return {
      R"((-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?)"
      R"((?:-----END [A-Z0-9 ]*PRIVATE KEY-----|\z)))",
      R"(\b(eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*))",
      R"(\b((?:AKIA|ASIA)[A-Z0-9]{16})\b)",
      R"(\b(gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})"
      R"(|glpat-[A-Za-z0-9_-]{16,}|xox[abeoprs]-[A-Za-z0-9-]{10,})"
      R"(|xapp-[A-Za-z0-9-]{10,}|sk_live_[A-Za-z0-9]{16,})"
      R"(|npm_[A-Za-z0-9]{30,}|AIza[A-Za-z0-9_-]{35}))",
  };
}

// Secrets that are told by what stands before them.
std::vector<std::string> ContextPatterns() {
  using absl::StrCat;
  return {
      // URLs: scheme://user:secret@host, scheme://token@host, ?token=secret.
      R"([A-Za-z][A-Za-z0-9+.-]*://[^/\s:@"'\[]*:([^/\s"']+)@)",
      R"([A-Za-z][A-Za-z0-9+.-]*://([^/\s:@"']{20,})@)",
      StrCat(R"((?i)[?&](?:[a-z0-9_.-]*)", kSecretName,
             R"(|sig|signature|x-amz-signature)=([^&\s"'#$`]+))"),
      // Headers.
      R"((?i)\bauthorization\s*[:=]\s*(?:[a-z0-9-]+\s+)?)"
      R"(([^\s"'$`\r\n][^"'\r\n]*))",
      StrCat(R"((?i)\b)", kHeaders, R"(\s*:\s*([^\s"'$`\r\n][^"'\r\n]*))"),
      R"((?i)\bbearer\s+([A-Za-z0-9._~+/=-]{8,}))",
      // --name=secret as a whole argument: to its end.
      StrCat(R"((?i)^--?[a-z0-9_.-]*)", kSecretName, R"(=([^"'$`].*)$)"),
      // NAME=secret and --name=secret within a line, and "--name secret".
      StrCat(R"((?i)(?:^|[\s"';&|({,])-{0,2}[a-z0-9_.-]*)", kSecretName, "=",
             kShellValue),
      StrCat(R"re((?i)(?:^|\s)--?(?:[a-z0-9_.]*[-_.])?)re", kSecretName,
             R"re(\s+(?:"([^"$`-][^"]*)"|'([^'-][^']*)')re"
             R"re(|([^\s"'$`;&|<>()-][^\s"';&|<>()]*)))re"),
      StrCat(R"((?i)["'][a-z0-9_.-]*)", kSecretName,
             R"(["']\s*:\s*["']([^"']+)["'])"),
      StrCat(R"((?i)\b(?:aws_secret_access_key|aws_session_token)\s+)",
             kShellValue),
      // Tools within a line of shell.
      R"(\b(?:mysql|mysqldump|mysqladmin|mariadb)\s(?:[^;&|]*\s)?)"
      R"(-p([^\s"'$`;&|]+))",
      R"(\bsshpass\s+-p\s*([^\s"'$`;&|]+))",
      R"(\bcurl\s(?:[^;&|]*\s)?(?:-u|--user)[ =]?["']?[^\s:"']*:)"
      R"(([^\s"'$`;&|]+))",
      R"(\bpass:([^\s"'$`]+))",
  };
}

const RE2* Compiled(absl::string_view pattern) {
  return new RE2(re2::StringPiece(pattern.data(), pattern.size()),
                 PatternOptions());
}

constexpr absl::string_view kReported[] = {
    "PATH",
    "HOME",
    "USER",
    "SHELL",
    "LANG",
    "HISTFILE",
    "http_proxy",
    "https_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "AWS_EXECUTION_ENV",
    "AWS_REGION",
    "KUBERNETES_SERVICE_HOST",
    "GCONV_PATH",
    "PYTHONPATH",
    "NODE_OPTIONS",
    "JAVA_TOOL_OPTIONS",
    "BASH_ENV",
    "ENV",
    "PROMPT_COMMAND",
};

}  // namespace

RE2::Options PatternOptions() {
  RE2::Options options(RE2::Latin1);
  options.set_dot_nl(true);
  options.set_log_errors(false);
  return options;
}

const std::vector<const RE2*>& SecretPatterns() {
  static const auto* const patterns = [] {
    auto* compiled = new std::vector<const RE2*>;
    for (const auto& texts : {FormPatterns(), ContextPatterns()}) {
      for (const std::string& text : texts) compiled->push_back(Compiled(text));
    }
    return compiled;
  }();
  return *patterns;
}

const std::vector<AnnouncingFlag>& AnnouncingFlags() {
  static const RE2* const any = Compiled(".*");
  // A following flag is not the value: the tool will ask for it.
  static const RE2* const value = Compiled("^([^-$].*|-[^-].*)$");
  static const RE2* const after_colon = Compiled("^[^:]*:(.+)$");
  static const auto* const flags = new std::vector<AnnouncingFlag>{
      {any, Compiled(absl::StrCat("(?i)--?(?:[a-z0-9_.]+[-_.])*", kSecretName)),
       value},
      {any, Compiled("aws_secret_access_key|aws_session_token"), value},
      {Compiled("curl"), Compiled("-u|--user|-U|--proxy-user"), after_colon},
      {Compiled("sshpass"), Compiled("-p"), value},
      {Compiled("docker|podman|helm|skopeo|oc|az"), Compiled("-p"), value},
      {Compiled("redis-cli"), Compiled("-a|--pass"), value},
      {Compiled("mongo|mongosh|mongodump"), Compiled("-p"), value},
      {Compiled("ldapsearch|ldapmodify|ldapadd"), Compiled("-w"), value},
      {Compiled("zip|unzip"), Compiled("-P"), value},
  };
  return *flags;
}

const std::vector<AttachedFlag>& AttachedFlags() {
  static const auto* const flags = new std::vector<AttachedFlag>{
      // Words that are variables, to their end. In a shell's line the value
      // ends with the word, and what follows must stay visible.
      {Compiled("env|sudo|doas|docker|podman|nerdctl|make|systemd-run"),
       Compiled(absl::StrCat("(?i)^[a-z0-9_.-]*", kSecretName, "=(.+)$"))},
      {Compiled("mysql|mysqldump|mysqladmin|mysqlimport|mariadb|mariadb-dump"),
       Compiled("^-p(.+)$")},
      {Compiled("sshpass"), Compiled("^-p(.+)$")},
      {Compiled("curl"), Compiled("^(?:-u|--user=)[^:]*:(.+)$")},
      {Compiled("7z|7za|7zr|unrar|rar"), Compiled("^-h?p(.+)$")},
  };
  return *flags;
}

bool IsReportedVariable(absl::string_view name) {
  if (absl::StartsWith(name, "LD_")) return true;
  for (const absl::string_view reported : kReported) {
    if (name == reported) return true;
  }
  return false;
}

}  // namespace gatewatch::agent
