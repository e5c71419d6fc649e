#include "analyzer/pipeline.h"

#include "base/status.h"

namespace gatewatch::analyzer {

absl::Status Pipeline::Accept(const Report& report) {
  GATEWATCH_RETURN_IF_ERROR(Store(report));
  GATEWATCH_RETURN_IF_ERROR(agents_.NoteStored(report));
  Publish(report);
  return absl::OkStatus();
}

absl::Status Pipeline::AcceptOwn(const Report& report) {
  GATEWATCH_RETURN_IF_ERROR(Store(report));
  Publish(report);
  return absl::OkStatus();
}

absl::Status Pipeline::Store(const Report& report) {
  GATEWATCH_RETURN_IF_ERROR(detector_.Inspect(report));
  return events_.Append(report);
}

void Pipeline::Publish(const Report& report) {
  if (!feed_.watched()) return;
  ReportView views(report);
  for (int i = report.first; i < report.batch.events_size(); ++i) {
    feed_.Publish(RecordOf(report.agent_id, report.epoch,
                           views.Of(report.batch.events(i))));
  }
}

}  // namespace gatewatch::analyzer
