#include "base/escape.h"

#include "catch2/catch.hpp"

namespace gatewatch {

TEST_CASE("escaped text cannot drive a terminal", "[base]") {
  CHECK(EscapeForTerminal("/bin/sh") == "/bin/sh");
  CHECK(EscapeForTerminal("\x1b[31m") == "\\x1b[31m");
  CHECK(EscapeForTerminal("a\nb\tc\r") == "a\\nb\\tc\\r");
  CHECK(EscapeForTerminal("\x7f") == "\\x7f");
  CHECK(EscapeForTerminal("\xc2\x9b"
                          "31m") == "\\xc2\\x9b31m");  // C1 CSI
  CHECK(EscapeForTerminal(absl::string_view("\0", 1)) == "\\x00");
}

TEST_CASE("escaping tells a backslash from an escape", "[base]") {
  CHECK(EscapeForTerminal("\\x1b") == "\\\\x1b");
}

TEST_CASE("valid UTF-8 stays, everything else is written in hex", "[base]") {
  CHECK(EscapeForTerminal("Grüße") == "Grüße");
  CHECK(EscapeForTerminal("\xff") == "\\xff");
  CHECK(EscapeForTerminal("\xc3") == "\\xc3");                    // cut short
  CHECK(EscapeForTerminal("\xc0\xaf") == "\\xc0\\xaf");           // overlong
  CHECK(EscapeForTerminal("\xed\xa0\x80") == "\\xed\\xa0\\x80");  // surrogate
}

TEST_CASE("UTF-8 is told from what only looks like it", "[base]") {
  CHECK(IsUtf8(""));
  CHECK(IsUtf8("\xf0\x9f\x98\x80"));
  CHECK_FALSE(IsUtf8("\xf0\x80\x80\x80"));  // overlong
  CHECK_FALSE(IsUtf8("\xf4\x90\x80\x80"));  // above U+10FFFF
  CHECK_FALSE(IsUtf8("\xe0\x9f\xbf"));      // overlong
  CHECK_FALSE(IsUtf8("a\x80"));
}

TEST_CASE("a character's length is told from its bytes", "[base]") {
  CHECK(Utf8Length("a\xff") == 1);
  CHECK(Utf8Length("ß!") == 2);
  CHECK(Utf8Length("\xf0\x9f\x98\x80") == 4);
  CHECK(Utf8Length("\x80") == 0);
  CHECK(Utf8Length("\xc3") == 0);
}

}  // namespace gatewatch
