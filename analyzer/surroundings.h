#ifndef GATEWATCH_ANALYZER_SURROUNDINGS_H_
#define GATEWATCH_ANALYZER_SURROUNDINGS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "analyzer/sqlite.h"
#include "detection/event_view.h"
#include "gatewatch/v1/event.pb.h"
#include "google/protobuf/message.h"

namespace gatewatch::analyzer {

// Finds what a partition's events refer to, keeping what it has found.
//
// Threads:  one at a time.
// Lifetime: `database` must outlive it.
// Limits:   keeps states up to a fixed size; the rest is read each time.
class Surroundings {
 public:
  // One life of one agent.
  struct Source {
    std::string agent_id;
    uint64_t epoch = 0;
    v1::Workload workload;
  };

  static absl::StatusOr<std::unique_ptr<Surroundings>> Open(Database& database);

  // DATA_LOSS: there is none.
  absl::StatusOr<const Source*> SourceOf(int64_t source);

  // What is not in the partition is absent. Valid until the next call.
  absl::StatusOr<detection::EventView> Of(int64_t source,
                                          const v1::Event& event);

  // Without an event: the source and, unless `container_id` is empty, the
  // container. Valid until the next call.
  absl::StatusOr<detection::EventView> OfOrigin(
      int64_t source, const std::string& container_id);

 private:
  using Body = std::unique_ptr<const google::protobuf::Message>;
  using StateKey = std::tuple<int64_t, std::string, uint32_t>;

  Surroundings(Statement source, Statement process, Statement container);
  absl::StatusOr<const v1::Process*> FindProcess(int64_t source,
                                                 const v1::ProcessRef& ref);
  absl::StatusOr<const v1::Container*> FindContainer(int64_t source,
                                                     const std::string& id);

  Statement source_;
  Statement process_;
  Statement container_;
  absl::flat_hash_map<int64_t, std::unique_ptr<const Source>> sources_;
  absl::flat_hash_map<StateKey, std::unique_ptr<const v1::Process>> processes_;
  size_t kept_bytes_ = 0;
  // What the last view borrows and is not kept.
  std::vector<Body> borrowed_;
  std::vector<const v1::Process*> ancestors_;
};

}  // namespace gatewatch::analyzer

#endif  // GATEWATCH_ANALYZER_SURROUNDINGS_H_
