#ifndef GATEWATCH_IAC_CHECKS_CHECKS_H_
#define GATEWATCH_IAC_CHECKS_CHECKS_H_

#include "iac/checks/check.h"

namespace gatewatch::iac {

// What the rows of the table run, by the rooms that they are in.

// suppressions.cc
void CheckSuppressions(const Model& model, Report& report);

// privileges.cc
void CheckPrivileged(const Model& model, Report& report);
void CheckUser(const Model& model, Report& report);
void CheckAddedCapabilities(const Model& model, Report& report);
void CheckDroppedCapabilities(const Model& model, Report& report);
void CheckConfinement(const Model& model, Report& report);
void CheckEscalation(const Model& model, Report& report);

// namespaces.cc
void CheckHostPid(const Model& model, Report& report);
void CheckSharedPid(const Model& model, Report& report);
void CheckHostNamespaces(const Model& model, Report& report);
void CheckKernelSettings(const Model& model, Report& report);

// storage.cc
void CheckRootFilesystem(const Model& model, Report& report);
void CheckEfs(const Model& model, Report& report);
void CheckHostPaths(const Model& model, Report& report);

// secrets.cc
void CheckPlainSecrets(const Model& model, Report& report);
void CheckCommands(const Model& model, Report& report);
void CheckSecretScope(const Model& model, Report& report);

// images.cc
void CheckImagePinned(const Model& model, Report& report);
void CheckRegistry(const Model& model, Report& report);

// operation.cc
void CheckLogging(const Model& model, Report& report);
void CheckLimits(const Model& model, Report& report);
void CheckHealth(const Model& model, Report& report);

// fargate.cc
void CheckFargate(const Model& model, Report& report);

// dependencies.cc
void CheckDependencies(const Model& model, Report& report);

// services.cc
void CheckPublicAddress(const Model& model, Report& report);
void CheckPlatformVersion(const Model& model, Report& report);
void CheckExec(const Model& model, Report& report);
void CheckInsights(const Model& model, Report& report);
void CheckSecurityGroups(const Model& model, Report& report);

// identity.cc
void CheckRoles(const Model& model, Report& report);
void CheckServiceAccount(const Model& model, Report& report);

// agent.cc
void CheckAgent(const Model& model, Report& report);

// eks_cluster.cc
void CheckEksCluster(const Model& model, Report& report);

}  // namespace gatewatch::iac

#endif  // GATEWATCH_IAC_CHECKS_CHECKS_H_
