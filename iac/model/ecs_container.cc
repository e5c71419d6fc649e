#include "iac/model/ecs_container.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "iac/model/names.h"

namespace gatewatch::iac {
namespace {

// A list of {name, value}.
std::vector<NamedText> Pairs(const Value& list, absl::string_view name) {
  std::vector<NamedText> pairs;
  for (const Value& item : list.Items()) {
    pairs.push_back(
        {item.Get(name).AsText().value, item.Get("value").AsText()});
  }
  return pairs;
}

std::vector<NamedText> Map(const Value& mapping) {
  std::vector<NamedText> pairs;
  for (const auto& [name, value] : mapping.Members()) {
    pairs.push_back({name, value.AsText()});
  }
  return pairs;
}

void ReadSecurity(const Value& definition, Container& container) {
  const Value linux = definition.Get("linuxParameters");
  const Value capabilities = linux.Get("capabilities");
  container.privileged = definition.Get("privileged").AsFlag();
  container.readonly_root = definition.Get("readonlyRootFilesystem").AsFlag();
  container.user = definition.Get("user").AsText();
  container.added = capabilities.Get("add").AsTexts();
  container.dropped = capabilities.Get("drop").AsTexts();
  container.security_options =
      definition.Get("dockerSecurityOptions").AsTexts();
}

void ReadLogging(const Value& definition, Container& container) {
  const Value logging = definition.Get("logConfiguration");
  const Value options = logging.Get("options");
  container.log_driver = logging.Get("logDriver").AsText();
  container.log_mode = options.Get("mode").AsText();
  container.log_options = Map(options);
}

void ReadRelations(const Value& definition, Container& container) {
  for (const Value& item : definition.Get("dependsOn").Items()) {
    container.depends_on.push_back({item.Get("containerName").AsText(),
                                    item.Get("condition").AsText(),
                                    item.place()});
  }
  for (const Value& item : definition.Get("portMappings").Items()) {
    container.ports.push_back({item.Get("containerPort").AsNumber(),
                               item.Get("hostPort").AsNumber()});
  }
  for (const Value& item : definition.Get("mountPoints").Items()) {
    container.mounts.push_back({item.Get("sourceVolume").AsText(),
                                item.Get("containerPath").AsText()});
  }
}

TextList EnvironmentFiles(const Value& list) {
  TextList files{list.presence(), {}, list.place()};
  for (const Value& item : list.Items()) {
    files.value.push_back(item.Get("value").AsText());
  }
  return files;
}

void ReadNotOnFargate(const Value& definition, Container& container) {
  container.not_on_fargate = WrittenOf(
      definition, {"links", "extraHosts", "dnsServers", "dnsSearchDomains",
                   "disableNetworking", "privileged", "dockerSecurityOptions"});
  for (NamedText& setting :
       WrittenOf(definition.Get("linuxParameters"),
                 {"devices", "sharedMemorySize", "maxSwap", "swappiness"})) {
    container.not_on_fargate.push_back(std::move(setting));
  }
  for (const Value& item : definition.Get("resourceRequirements").Items()) {
    const Text type = item.Get("type").AsText();
    if (type.Is("GPU")) container.not_on_fargate.push_back({"GPU", type});
  }
}

}  // namespace

std::vector<NamedText> WrittenOf(
    const Value& value, std::initializer_list<absl::string_view> names) {
  std::vector<NamedText> written;
  for (const absl::string_view name : names) {
    const Value setting = value.Get(name);
    if (!setting.known() || setting.Items().empty()) continue;
    const Flag flag = setting.AsFlag();
    if (flag.Is(false) || setting.AsText().Is("")) continue;
    written.push_back({std::string(name), setting.AsText()});
  }
  return written;
}

Container ReadEcsContainer(const Value& definition, const std::string& object,
                           std::vector<NamedText>& sysctls,
                           std::vector<Suppression>& suppressions) {
  Container container;
  const Text name = definition.Get("name").AsText();
  container.subject = {object, name.value.empty() ? "?" : name.value};
  container.place = definition.place();
  container.image = definition.Get("image").AsText();
  container.version_consistency = definition.Get("versionConsistency").AsText();
  container.is_agent = IsAgent(name.value, container.image);
  container.is_log_router = !definition.Get("firelensConfiguration").absent();
  container.entry_point = definition.Get("entryPoint").AsTexts();
  container.command = definition.Get("command").AsTexts();
  container.environment = Pairs(definition.Get("environment"), "name");
  container.environment_files =
      EnvironmentFiles(definition.Get("environmentFiles"));
  container.labels = Map(definition.Get("dockerLabels"));
  container.cpu = definition.Get("cpu").AsText();
  container.memory = definition.Get("memory").AsText();
  container.health_check =
      definition.Get("healthCheck").Get("command").AsTexts();
  container.essential = definition.Get("essential").AsFlag();
  container.secrets = definition.Get("secrets").presence();
  ReadSecurity(definition, container);
  ReadLogging(definition, container);
  ReadRelations(definition, container);
  ReadNotOnFargate(definition, container);
  for (NamedText& control :
       Pairs(definition.Get("systemControls"), "namespace")) {
    sysctls.push_back(std::move(control));
  }
  for (const NamedText& label : container.labels) {
    absl::string_view check = label.name;
    if (!absl::ConsumePrefix(&check, kIgnoreKey)) continue;
    suppressions.push_back({.check = std::string(check),
                            .reason = label.value.value,
                            .subject = container.subject,
                            .place = label.value.place});
  }
  return container;
}

}  // namespace gatewatch::iac
