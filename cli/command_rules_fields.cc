#include "cli/command_rules_fields.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "cli/exit_code.h"
#include "cli/table.h"
#include "detection/field.h"
#include "detection/rule_support.h"
#include "nlohmann/json.hpp"

namespace gatewatch::cli {
namespace {

using detection::ArgumentKind;
using detection::FieldRow;
using detection::ValueType;

const char* TypeName(ValueType type) {
  switch (type) {
    case ValueType::kText:
      return "text";
    case ValueType::kNumber:
      return "number";
    case ValueType::kDecimal:
      return "decimal number";
    case ValueType::kBool:
      return "bool";
    case ValueType::kAddress:
      return "address";
  }
  return "";
}

std::string Spelling(const FieldRow& row) {
  const char* argument = "";
  switch (row.argument) {
    case ArgumentKind::kNone:
      break;
    case ArgumentKind::kIndex:
    case ArgumentKind::kItem:
      argument = "[N]";
      break;
    case ArgumentKind::kText:
    case ArgumentKind::kName:
      argument = "[…]";
      break;
  }
  return absl::StrCat(row.name, argument);
}

std::string Known(const FieldRow& row) {
  const std::string limit = detection::LimitOfField(row);
  return limit.empty() ? "yes" : limit;
}

void WriteMarkdown(const std::vector<const FieldRow*>& rows,
                   std::ostream& out) {
  out << "| field | type | holds | known |\n|---|---|---|---|\n";
  for (const FieldRow* row : rows) {
    const bool absent = row->extract == nullptr;
    out << "| `" << Spelling(*row) << "` | " << TypeName(row->type) << " | "
        << (absent ? "" : std::string(row->description)) << " | " << Known(*row)
        << " |\n";
  }
}

void WriteJson(const FieldRow& row, std::ostream& out) {
  const nlohmann::ordered_json line = {
      {"name", std::string(row.name)},
      {"type", TypeName(row.type)},
      {"description", std::string(row.description)},
      {"limit", detection::LimitOfField(row)}};
  out << line.dump() << '\n';
}

int List(bool markdown, const Invocation& invocation) {
  std::vector<const FieldRow*> rows = detection::AllFields();
  std::sort(rows.begin(), rows.end(), [](const FieldRow* a, const FieldRow* b) {
    return a->name < b->name;
  });
  if (markdown) {
    WriteMarkdown(rows, invocation.out);
    return kExitOk;
  }
  Table table({"FIELD", "TYPE", "HOLDS", "KNOWN"});
  for (const FieldRow* row : rows) {
    if (invocation.json) {
      WriteJson(*row, invocation.out);
    } else {
      table.Add({Spelling(*row), TypeName(row->type),
                 std::string(row->description), Known(*row)});
    }
  }
  if (!invocation.json) table.Write(invocation.out);
  return kExitOk;
}

}  // namespace

void AddRulesFieldsCommand(CLI::App& rules, Invocation& invocation) {
  CLI::App* command = rules.add_subcommand(
      "fields", "List the fields that conditions and outputs can name");
  command->footer(
      "Example:\n  gatewatch rules fields\n"
      "KNOWN says where a field is absent, or presumed, although rules may "
      "name it.");
  const auto markdown = std::make_shared<bool>(false);
  command->add_flag("--markdown", *markdown, "a table for documentation");
  AddOutputOption(*command, invocation);
  command->callback([markdown, &invocation] {
    invocation.action = [markdown, &invocation] {
      return List(*markdown, invocation);
    };
  });
}

}  // namespace gatewatch::cli
