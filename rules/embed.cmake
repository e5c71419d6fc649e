# cmake -D OUTPUT=FILE.cc -D ROOT=FOLDER -D FILES=a.yaml,b.yaml -P embed.cmake
#
# Writes the files, named relative to ROOT, as byte arrays: a string literal
# would need escapes and has a greatest length.
string(REPLACE "," ";" FILES "${FILES}")
set(arrays "")
set(table "")
set(index 0)
foreach(file IN LISTS FILES)
  file(READ ${ROOT}/${file} bytes HEX)
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
  # The trailing 0 keeps the array of an empty file legal; it is not counted.
  string(APPEND arrays
    "constexpr unsigned char kFile${index}[] = {${bytes}0};\n")
  string(APPEND table
    "    {\"${file}\", kFile${index}, sizeof(kFile${index}) - 1},\n")
  math(EXPR index "${index} + 1")
endforeach()
file(WRITE ${OUTPUT} "// Written by rules/embed.cmake.
#include \"rules/embedded_files.h\"

namespace gatewatch {
namespace {
${arrays}
constexpr EmbeddedFile kFiles[] = {
${table}};
}  // namespace

absl::Span<const EmbeddedFile> EmbeddedRuleFiles() { return kFiles; }

}  // namespace gatewatch
")
