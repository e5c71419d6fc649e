#include "analyzer/pipeline.h"

#include "base/status.h"

namespace gatewatch::analyzer {

absl::Status Pipeline::Accept(const Report& report) {
  GATEWATCH_RETURN_IF_ERROR(detector_.Inspect(report));
  GATEWATCH_RETURN_IF_ERROR(events_.Append(report));
  GATEWATCH_RETURN_IF_ERROR(agents_.NoteStored(report));
  if (!feed_.watched()) return absl::OkStatus();
  ReportView views(report);
  for (int i = report.first; i < report.batch.events_size(); ++i) {
    feed_.Publish(RecordOf(report.agent_id, report.epoch,
                           views.Of(report.batch.events(i))));
  }
  return absl::OkStatus();
}

}  // namespace gatewatch::analyzer
