package dev.jubelet.dockershim.grpc;

import dev.jubelet.dockershim.container.ContainerStatus;
import dev.jubelet.dockershim.container.CreateContainer;
import dev.jubelet.dockershim.container.ExecSync;
import dev.jubelet.dockershim.container.ListContainers;
import dev.jubelet.dockershim.container.RemoveContainer;
import dev.jubelet.dockershim.container.ReopenContainerLog;
import dev.jubelet.dockershim.container.StartContainer;
import dev.jubelet.dockershim.container.StopContainer;
import dev.jubelet.dockershim.container.UpdateContainerResources;
import dev.jubelet.dockershim.engine.RuntimeConfig;
import dev.jubelet.dockershim.engine.Status;
import dev.jubelet.dockershim.engine.UpdateRuntimeConfig;
import dev.jubelet.dockershim.engine.Version;
import dev.jubelet.dockershim.sandbox.ContainerEvents;
import dev.jubelet.dockershim.sandbox.ListPodSandbox;
import dev.jubelet.dockershim.sandbox.PodSandboxStatus;
import dev.jubelet.dockershim.sandbox.RemovePodSandbox;
import dev.jubelet.dockershim.sandbox.RunPodSandbox;
import dev.jubelet.dockershim.sandbox.StopPodSandbox;

/// The verbs of the runtime service, one class each.
public record RuntimeVerbs(
    Version version,
    Status status,
    RuntimeConfig runtimeConfig,
    UpdateRuntimeConfig updateRuntimeConfig,
    RunPodSandbox runPodSandbox,
    StopPodSandbox stopPodSandbox,
    RemovePodSandbox removePodSandbox,
    PodSandboxStatus podSandboxStatus,
    ListPodSandbox listPodSandbox,
    CreateContainer createContainer,
    StartContainer startContainer,
    StopContainer stopContainer,
    RemoveContainer removeContainer,
    ListContainers listContainers,
    ContainerStatus containerStatus,
    UpdateContainerResources updateContainerResources,
    ReopenContainerLog reopenContainerLog,
    ExecSync execSync,
    dev.jubelet.dockershim.container.ContainerStats containerStats,
    ContainerEvents events) {}
