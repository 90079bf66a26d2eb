package dev.jubelet.dockershim.grpc;

import static dev.jubelet.dockershim.grpc.Answers.streaming;
import static dev.jubelet.dockershim.grpc.Answers.unary;

import dev.jubelet.cri.v1.ContainerEventResponse;
import dev.jubelet.cri.v1.ContainerStatsRequest;
import dev.jubelet.cri.v1.ContainerStatsResponse;
import dev.jubelet.cri.v1.ContainerStatusRequest;
import dev.jubelet.cri.v1.ContainerStatusResponse;
import dev.jubelet.cri.v1.CreateContainerRequest;
import dev.jubelet.cri.v1.CreateContainerResponse;
import dev.jubelet.cri.v1.ExecSyncRequest;
import dev.jubelet.cri.v1.ExecSyncResponse;
import dev.jubelet.cri.v1.GetEventsRequest;
import dev.jubelet.cri.v1.ListContainerStatsRequest;
import dev.jubelet.cri.v1.ListContainerStatsResponse;
import dev.jubelet.cri.v1.ListContainersRequest;
import dev.jubelet.cri.v1.ListContainersResponse;
import dev.jubelet.cri.v1.ListPodSandboxRequest;
import dev.jubelet.cri.v1.ListPodSandboxResponse;
import dev.jubelet.cri.v1.PodSandboxStatusRequest;
import dev.jubelet.cri.v1.PodSandboxStatusResponse;
import dev.jubelet.cri.v1.RemoveContainerRequest;
import dev.jubelet.cri.v1.RemoveContainerResponse;
import dev.jubelet.cri.v1.RemovePodSandboxRequest;
import dev.jubelet.cri.v1.RemovePodSandboxResponse;
import dev.jubelet.cri.v1.ReopenContainerLogRequest;
import dev.jubelet.cri.v1.ReopenContainerLogResponse;
import dev.jubelet.cri.v1.RunPodSandboxRequest;
import dev.jubelet.cri.v1.RunPodSandboxResponse;
import dev.jubelet.cri.v1.RuntimeConfigRequest;
import dev.jubelet.cri.v1.RuntimeConfigResponse;
import dev.jubelet.cri.v1.RuntimeServiceGrpc;
import dev.jubelet.cri.v1.StartContainerRequest;
import dev.jubelet.cri.v1.StartContainerResponse;
import dev.jubelet.cri.v1.StatusRequest;
import dev.jubelet.cri.v1.StatusResponse;
import dev.jubelet.cri.v1.StopContainerRequest;
import dev.jubelet.cri.v1.StopContainerResponse;
import dev.jubelet.cri.v1.StopPodSandboxRequest;
import dev.jubelet.cri.v1.StopPodSandboxResponse;
import dev.jubelet.cri.v1.StreamContainerStatsRequest;
import dev.jubelet.cri.v1.StreamContainerStatsResponse;
import dev.jubelet.cri.v1.StreamContainersRequest;
import dev.jubelet.cri.v1.StreamContainersResponse;
import dev.jubelet.cri.v1.StreamPodSandboxesRequest;
import dev.jubelet.cri.v1.StreamPodSandboxesResponse;
import dev.jubelet.cri.v1.UpdateContainerResourcesRequest;
import dev.jubelet.cri.v1.UpdateContainerResourcesResponse;
import dev.jubelet.cri.v1.UpdateRuntimeConfigRequest;
import dev.jubelet.cri.v1.UpdateRuntimeConfigResponse;
import dev.jubelet.cri.v1.VersionRequest;
import dev.jubelet.cri.v1.VersionResponse;
import dev.jubelet.dockershim.CriException;
import dev.jubelet.dockershim.docker.DockerException;
import dev.jubelet.dockershim.pods.Member;
import dev.jubelet.dockershim.pods.Pods;
import dev.jubelet.dockershim.sandbox.ContainerEvents;
import dev.jubelet.trace.Traces;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.opentelemetry.api.trace.Span;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// The runtime service: each call is decoded, handed to its verb, and the answer encoded. What is
/// not here (exec, attach and port-forward streams, pod statistics, metrics, checkpoints) is
/// UNIMPLEMENTED by its name.
public final class RuntimeServiceHandler extends RuntimeServiceGrpc.RuntimeServiceImplBase {
  /// Items in one message of a streaming list.
  private static final int CHUNK = 100;

  private final RuntimeVerbs verbs;
  private final Pods pods;

  public RuntimeServiceHandler(RuntimeVerbs verbs, Pods pods) {
    this.verbs = verbs;
    this.pods = pods;
  }

  @Override
  public void version(VersionRequest request, StreamObserver<VersionResponse> observer) {
    unary("Version", observer, () -> verbs.version().call());
  }

  @Override
  public void status(StatusRequest request, StreamObserver<StatusResponse> observer) {
    unary("Status", observer, () -> verbs.status().call(request.getVerbose()));
  }

  @Override
  public void runtimeConfig(
      RuntimeConfigRequest request, StreamObserver<RuntimeConfigResponse> observer) {
    unary("RuntimeConfig", observer, () -> verbs.runtimeConfig().call());
  }

  @Override
  public void updateRuntimeConfig(
      UpdateRuntimeConfigRequest request, StreamObserver<UpdateRuntimeConfigResponse> observer) {
    unary("UpdateRuntimeConfig", observer, () -> verbs.updateRuntimeConfig().call(request));
  }

  @Override
  public void runPodSandbox(
      RunPodSandboxRequest request, StreamObserver<RunPodSandboxResponse> observer) {
    unary("RunPodSandbox", observer, () -> verbs.runPodSandbox().call(request));
  }

  @Override
  public void stopPodSandbox(
      StopPodSandboxRequest request, StreamObserver<StopPodSandboxResponse> observer) {
    unary("StopPodSandbox", observer, () -> {
      ofPod(request.getPodSandboxId());
      return verbs.stopPodSandbox().call(request.getPodSandboxId());
    });
  }

  @Override
  public void removePodSandbox(
      RemovePodSandboxRequest request, StreamObserver<RemovePodSandboxResponse> observer) {
    unary("RemovePodSandbox", observer, () -> {
      ofPod(request.getPodSandboxId());
      return verbs.removePodSandbox().call(request.getPodSandboxId());
    });
  }

  @Override
  public void podSandboxStatus(
      PodSandboxStatusRequest request, StreamObserver<PodSandboxStatusResponse> observer) {
    unary(
        "PodSandboxStatus",
        observer,
        () -> verbs.podSandboxStatus().call(request.getPodSandboxId(), request.getVerbose()));
  }

  @Override
  public void listPodSandbox(
      ListPodSandboxRequest request, StreamObserver<ListPodSandboxResponse> observer) {
    unary(
        "ListPodSandbox",
        observer,
        () -> ListPodSandboxResponse.newBuilder()
            .addAllItems(verbs.listPodSandbox().call(request.getFilter()))
            .build());
  }

  @Override
  public void streamPodSandboxes(
      StreamPodSandboxesRequest request, StreamObserver<StreamPodSandboxesResponse> observer) {
    chunks(
        "StreamPodSandboxes",
        observer,
        () -> verbs.listPodSandbox().call(request.getFilter()),
        items ->
            StreamPodSandboxesResponse.newBuilder().addAllPodSandboxes(items).build());
  }

  @Override
  public void createContainer(
      CreateContainerRequest request, StreamObserver<CreateContainerResponse> observer) {
    unary("CreateContainer", observer, () -> verbs.createContainer().call(request));
  }

  @Override
  public void startContainer(
      StartContainerRequest request, StreamObserver<StartContainerResponse> observer) {
    unary("StartContainer", observer, () -> {
      ofPod(request.getContainerId());
      return verbs.startContainer().call(request.getContainerId());
    });
  }

  @Override
  public void stopContainer(
      StopContainerRequest request, StreamObserver<StopContainerResponse> observer) {
    unary("StopContainer", observer, () -> {
      ofPod(request.getContainerId());
      return verbs.stopContainer().call(request.getContainerId(), request.getTimeout());
    });
  }

  @Override
  public void removeContainer(
      RemoveContainerRequest request, StreamObserver<RemoveContainerResponse> observer) {
    unary("RemoveContainer", observer, () -> {
      ofPod(request.getContainerId());
      return verbs.removeContainer().call(request.getContainerId());
    });
  }

  @Override
  public void listContainers(
      ListContainersRequest request, StreamObserver<ListContainersResponse> observer) {
    unary(
        "ListContainers",
        observer,
        () -> ListContainersResponse.newBuilder()
            .addAllContainers(verbs.listContainers().call(request.getFilter()))
            .build());
  }

  @Override
  public void streamContainers(
      StreamContainersRequest request, StreamObserver<StreamContainersResponse> observer) {
    chunks(
        "StreamContainers",
        observer,
        () -> verbs.listContainers().call(request.getFilter()),
        items -> StreamContainersResponse.newBuilder().addAllContainers(items).build());
  }

  @Override
  public void containerStatus(
      ContainerStatusRequest request, StreamObserver<ContainerStatusResponse> observer) {
    unary(
        "ContainerStatus",
        observer,
        () -> verbs.containerStatus().call(request.getContainerId(), request.getVerbose()));
  }

  @Override
  public void updateContainerResources(
      UpdateContainerResourcesRequest request,
      StreamObserver<UpdateContainerResourcesResponse> observer) {
    unary(
        "UpdateContainerResources",
        observer,
        () -> verbs.updateContainerResources().call(request));
  }

  @Override
  public void reopenContainerLog(
      ReopenContainerLogRequest request, StreamObserver<ReopenContainerLogResponse> observer) {
    unary(
        "ReopenContainerLog",
        observer,
        () -> verbs.reopenContainerLog().call(request.getContainerId()));
  }

  @Override
  public void execSync(ExecSyncRequest request, StreamObserver<ExecSyncResponse> observer) {
    unary("ExecSync", observer, () -> verbs.execSync().call(request));
  }

  @Override
  public void containerStats(
      ContainerStatsRequest request, StreamObserver<ContainerStatsResponse> observer) {
    unary(
        "ContainerStats",
        observer,
        () -> ContainerStatsResponse.newBuilder()
            .setStats(verbs.containerStats().one(request.getContainerId()))
            .build());
  }

  @Override
  public void listContainerStats(
      ListContainerStatsRequest request, StreamObserver<ListContainerStatsResponse> observer) {
    unary(
        "ListContainerStats",
        observer,
        () -> ListContainerStatsResponse.newBuilder()
            .addAllStats(verbs.containerStats().list(request.getFilter()))
            .build());
  }

  @Override
  public void streamContainerStats(
      StreamContainerStatsRequest request, StreamObserver<StreamContainerStatsResponse> observer) {
    chunks(
        "StreamContainerStats",
        observer,
        () -> verbs.containerStats().list(request.getFilter()),
        items -> StreamContainerStatsResponse.newBuilder()
            .addAllContainerStats(items)
            .build());
  }

  @Override
  public void getContainerEvents(
      GetEventsRequest request, StreamObserver<ContainerEventResponse> observer) {
    streaming("GetContainerEvents", observer, () -> events(observer));
  }

  private void events(StreamObserver<ContainerEventResponse> observer) throws InterruptedException {
    Context call = Context.current();
    try (ContainerEvents.Subscription subscription = verbs.events().subscribe()) {
      Context.CancellationListener gone = context -> subscription.end();
      call.addListener(gone, Runnable::run);
      try {
        while (!call.isCancelled()) {
          Optional<ContainerEventResponse> event = subscription.take();
          if (event.isEmpty()) {
            if (call.isCancelled()) {
              return;
            }
            throw new CriException(
                Status.Code.RESOURCE_EXHAUSTED,
                "the reader of container events was too slow: connect again and list");
          }
          awaitReady(call, observer);
          observer.onNext(event.get());
        }
      } finally {
        call.removeListener(gone);
      }
    }
  }

  /// A reader that does not read makes its queue run full, not the transport's memory.
  private static void awaitReady(Context call, StreamObserver<?> observer)
      throws InterruptedException {
    while (observer instanceof ServerCallStreamObserver<?> server
        && !server.isReady()
        && !call.isCancelled()) {
      Thread.sleep(20);
    }
  }

  /// Each message has an item at least, none is sent twice.
  private static <T, A> void chunks(
      String verb,
      StreamObserver<A> observer,
      Answers.Verb<List<T>> list,
      Function<List<T>, A> encode) {
    streaming(verb, observer, () -> {
      List<T> items = list.call();
      for (int from = 0; from < items.size(); from += CHUNK) {
        observer.onNext(encode.apply(items.subList(from, Math.min(items.size(), from + CHUNK))));
      }
    });
  }

  /// Tells the call's span whose pod this is, where only an id was given.
  private void ofPod(String id) throws DockerException {
    Span span = Span.current();
    if (span.isRecording()) {
      pods.find(id)
          .map(Member::name)
          .ifPresent(name -> span.setAttribute(Traces.POD_UID, name.uid())
              .setAttribute(Traces.POD_NAMESPACE, name.namespace())
              .setAttribute(Traces.POD_NAME, name.pod()));
    }
  }
}
