"""A pod of task-definitions/eks/, told as the task that it amounts to, so that
DeclaredTask can run it."""

import yaml

from harness import SOURCE

EXAMPLES = SOURCE / "task-definitions" / "eks"
POD = {"metadata.name": "web-0", "metadata.namespace": "shop",
       "spec.nodeName": "fargate-10-0-0-1", "spec.serviceAccountName": "web"}


def read_pod(name):
    """The pod's specification in a Deployment."""
    for manifest in yaml.safe_load_all((EXAMPLES / name).read_text()):
        if manifest["kind"] == "Deployment":
            return manifest["spec"]["template"]["spec"]
    raise AssertionError(f"no Deployment in {name}")


def task_of(pod):
    """Init containers run in turn before the others: those that stay (native
    sidecars) until they are started, the rest until they are done."""
    if not pod.get("shareProcessNamespace"):
        raise AssertionError("the containers share no pid namespace")
    containers, needed = [], []
    for container in pod.get("initContainers", ()):
        containers.append(container_of(pod, container, needed))
        stays = container.get("restartPolicy") == "Always"
        needed.append({"containerName": container["name"],
                       "condition": "START" if stays else "SUCCESS"})
    containers += [container_of(pod, container, needed)
                   for container in pod["containers"]]
    return {"containerDefinitions": containers,
            "volumes": [volume_of(volume) for volume in pod["volumes"]]}


def volume_of(volume):
    kind = "secret" if "secret" in volume else "emptyDir"
    return {"name": volume["name"], kind: volume[kind]}


def container_of(pod, container, needed):
    security = {**pod.get("securityContext", {}),
                **container.get("securityContext", {})}
    told = {"name": container["name"], "image": container["image"],
            "dependsOn": list(needed),
            "user": f"{security['runAsUser']}:"
                    f"{security.get('runAsGroup', security['runAsUser'])}",
            "readonlyRootFilesystem":
                security.get("readOnlyRootFilesystem", False),
            "linuxParameters": {
                "capabilities": security.get("capabilities", {})},
            "memory": mebibytes(container["resources"]["limits"]["memory"]),
            "environment": [variable_of(one)
                            for one in container.get("env", ())],
            "mountPoints": [mount_of(one)
                            for one in container.get("volumeMounts", ())]}
    if "command" in container:
        told["entryPoint"] = container["command"]
    told["command"] = container.get("args", [])
    probe = container.get("readinessProbe", {})
    if "exec" in probe:
        told["healthCheck"] = {"command": ["CMD", *probe["exec"]["command"]]}
    return told


def mebibytes(text):
    if not text.endswith("Mi"):
        raise AssertionError(f"memory of {text}")
    return int(text[:-2])


def variable_of(variable):
    value = variable.get("value")
    if value is None:
        value = POD[variable["valueFrom"]["fieldRef"]["fieldPath"]]
    return {"name": variable["name"], "value": value}


def mount_of(mount):
    return {"sourceVolume": mount["name"], "containerPath": mount["mountPath"],
            "readOnly": mount.get("readOnly", False)}
