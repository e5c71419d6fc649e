#include "cli/render_tree.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/escape.h"
#include "cli/render_process.h"

namespace gatewatch::cli {
namespace {

constexpr size_t kCommandWidth = 60;
constexpr size_t kMaxIndent = 40;  // levels; deeper ones are drawn there

std::string DescribeNode(const v1::ProcessNode& node) {
  std::string text = absl::StrCat(ProcessLabel(node.process()), "  ",
                                  UserLabel(node.process().credentials()), "  ",
                                  CommandLine(node.process(), kCommandWidth));
  std::vector<std::string> counts;
  for (const v1::ProcessNode::Count& count : node.counts()) {
    counts.push_back(
        absl::StrCat(EscapeForTerminal(count.kind()), " ", count.count()));
  }
  if (!counts.empty()) {
    absl::StrAppend(&text, "  (", absl::StrJoin(counts, ", "), ")");
  }
  if (node.has_exit()) {
    absl::StrAppend(&text, "  ended");
    if (node.exit().signal() != 0) {
      absl::StrAppend(&text, " by signal ", node.exit().signal());
    } else if (node.exit().code_known()) {
      absl::StrAppend(&text, " with ", node.exit().code());
    }
  }
  for (const std::string& id : node.alert_ids()) {
    absl::StrAppend(&text, "  ALERT ", EscapeForTerminal(id));
  }
  return text;
}

// Depth first with a stack of its own: a hostile tree must not exhaust ours.
class TreeWriter {
 public:
  TreeWriter(const v1::GetProcessTreeResponse& tree,
             absl::string_view asked_key, std::ostream& out)
      : tree_(tree), asked_key_(asked_key), out_(out) {
    absl::flat_hash_set<absl::string_view> known;
    for (const v1::ProcessNode& node : tree.nodes()) {
      known.insert(node.process().key());
    }
    for (const v1::ProcessNode& node : tree.nodes()) {
      if (known.contains(node.parent_key())) {
        children_[node.parent_key()].push_back(&node);
      }
    }
  }

  // A node whose ancestors form a circle is a root in its turn.
  void Write() {
    for (const v1::ProcessNode& node : tree_.nodes()) {
      if (!written_.contains(node.process().key())) WriteBelow(node);
    }
  }

 private:
  void WriteBelow(const v1::ProcessNode& root) {
    std::vector<std::pair<const v1::ProcessNode*, size_t>> stack = {{&root, 0}};
    while (!stack.empty()) {
      const auto [node, depth] = stack.back();
      stack.pop_back();
      if (!written_.insert(node->process().key()).second) continue;
      WriteNode(*node, depth);
      const auto& children = children_[node->process().key()];
      for (auto child = children.rbegin(); child != children.rend(); ++child) {
        stack.emplace_back(*child, depth + 1);
      }
    }
  }

  void WriteNode(const v1::ProcessNode& node, size_t depth) {
    out_ << (node.process().key() == asked_key_ ? "* " : "  ");
    if (depth > 0) {
      out_ << std::string((std::min(depth, kMaxIndent) - 1) * 3, ' ') << "\\_ ";
    }
    out_ << DescribeNode(node) << '\n';
  }

  const v1::GetProcessTreeResponse& tree_;
  const absl::string_view asked_key_;
  std::ostream& out_;
  absl::flat_hash_map<absl::string_view, std::vector<const v1::ProcessNode*>>
      children_;
  absl::flat_hash_set<absl::string_view> written_;
};

}  // namespace

void WriteProcessTree(const v1::GetProcessTreeResponse& tree,
                      absl::string_view asked_key, std::ostream& out) {
  TreeWriter(tree, asked_key, out).Write();
  if (tree.truncated()) out << "  … and more, which the analyzer left out\n";
}

}  // namespace gatewatch::cli
