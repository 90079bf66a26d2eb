package dev.jubelet.testkit;

import dev.jubelet.cri.v1.ContainerEventResponse;
import dev.jubelet.cri.v1.ContainerStatusRequest;
import dev.jubelet.cri.v1.ContainerStatusResponse;
import dev.jubelet.cri.v1.CreateContainerRequest;
import dev.jubelet.cri.v1.CreateContainerResponse;
import dev.jubelet.cri.v1.GetEventsRequest;
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
import dev.jubelet.cri.v1.RunPodSandboxRequest;
import dev.jubelet.cri.v1.RunPodSandboxResponse;
import dev.jubelet.cri.v1.RuntimeCondition;
import dev.jubelet.cri.v1.RuntimeServiceGrpc;
import dev.jubelet.cri.v1.RuntimeStatus;
import dev.jubelet.cri.v1.StartContainerRequest;
import dev.jubelet.cri.v1.StartContainerResponse;
import dev.jubelet.cri.v1.StatusRequest;
import dev.jubelet.cri.v1.StatusResponse;
import dev.jubelet.cri.v1.StopContainerRequest;
import dev.jubelet.cri.v1.StopContainerResponse;
import dev.jubelet.cri.v1.StopPodSandboxRequest;
import dev.jubelet.cri.v1.StopPodSandboxResponse;
import dev.jubelet.cri.v1.VersionRequest;
import dev.jubelet.cri.v1.VersionResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

/// The verbs of CRI's RuntimeService that a node agent needs, over [FakeCriState].
final class FakeRuntimeService extends RuntimeServiceGrpc.RuntimeServiceImplBase {
  private final FakeCriState state;
  private final boolean events;

  FakeRuntimeService(FakeCriState state, boolean events) {
    this.state = state;
    this.events = events;
  }

  private interface Answer<T> {
    T get();
  }

  private static <T> void answer(StreamObserver<T> out, Answer<T> answer) {
    T response;
    try {
      response = answer.get();
    } catch (StatusRuntimeException e) {
      out.onError(e);
      return;
    }
    out.onNext(response);
    out.onCompleted();
  }

  @Override
  public void version(VersionRequest request, StreamObserver<VersionResponse> out) {
    answer(
        out,
        () -> VersionResponse.newBuilder()
            .setVersion("0.1.0")
            .setRuntimeName("fake")
            .setRuntimeVersion("1")
            .setRuntimeApiVersion("v1")
            .build());
  }

  @Override
  public void status(StatusRequest request, StreamObserver<StatusResponse> out) {
    answer(
        out,
        () -> StatusResponse.newBuilder()
            .setStatus(RuntimeStatus.newBuilder()
                .addConditions(condition("RuntimeReady", state.runtimeReady()))
                .addConditions(condition("NetworkReady", state.networkReady())))
            .build());
  }

  private static RuntimeCondition condition(String type, boolean status) {
    return RuntimeCondition.newBuilder()
        .setType(type)
        .setStatus(status)
        .setReason(status ? "" : "NotReady")
        .setMessage(status ? "" : "cni config uninitialized")
        .build();
  }

  @Override
  public void runPodSandbox(
      RunPodSandboxRequest request, StreamObserver<RunPodSandboxResponse> out) {
    answer(
        out,
        () -> RunPodSandboxResponse.newBuilder()
            .setPodSandboxId(state.runSandbox(request.getConfig()))
            .build());
  }

  @Override
  public void stopPodSandbox(
      StopPodSandboxRequest request, StreamObserver<StopPodSandboxResponse> out) {
    answer(out, () -> {
      state.stopSandbox(request.getPodSandboxId());
      return StopPodSandboxResponse.getDefaultInstance();
    });
  }

  @Override
  public void removePodSandbox(
      RemovePodSandboxRequest request, StreamObserver<RemovePodSandboxResponse> out) {
    answer(out, () -> {
      state.removeSandbox(request.getPodSandboxId());
      return RemovePodSandboxResponse.getDefaultInstance();
    });
  }

  @Override
  public void podSandboxStatus(
      PodSandboxStatusRequest request, StreamObserver<PodSandboxStatusResponse> out) {
    answer(
        out,
        () -> PodSandboxStatusResponse.newBuilder()
            .setStatus(state.sandboxStatus(request.getPodSandboxId()))
            .build());
  }

  @Override
  public void listPodSandbox(
      ListPodSandboxRequest request, StreamObserver<ListPodSandboxResponse> out) {
    answer(
        out,
        () -> ListPodSandboxResponse.newBuilder()
            .addAllItems(state.listSandboxes(request.getFilter().getLabelSelectorMap()))
            .build());
  }

  @Override
  public void createContainer(
      CreateContainerRequest request, StreamObserver<CreateContainerResponse> out) {
    answer(
        out,
        () -> CreateContainerResponse.newBuilder()
            .setContainerId(state.create(request.getPodSandboxId(), request.getConfig()))
            .build());
  }

  @Override
  public void startContainer(
      StartContainerRequest request, StreamObserver<StartContainerResponse> out) {
    answer(out, () -> {
      state.startContainer(request.getContainerId());
      return StartContainerResponse.getDefaultInstance();
    });
  }

  @Override
  public void stopContainer(
      StopContainerRequest request, StreamObserver<StopContainerResponse> out) {
    answer(out, () -> {
      try {
        state.stopContainer(request.getContainerId(), request.getTimeout());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw Status.CANCELLED.asRuntimeException();
      }
      return StopContainerResponse.getDefaultInstance();
    });
  }

  @Override
  public void removeContainer(
      RemoveContainerRequest request, StreamObserver<RemoveContainerResponse> out) {
    answer(out, () -> {
      state.removeContainer(request.getContainerId());
      return RemoveContainerResponse.getDefaultInstance();
    });
  }

  @Override
  public void listContainers(
      ListContainersRequest request, StreamObserver<ListContainersResponse> out) {
    answer(
        out,
        () -> ListContainersResponse.newBuilder()
            .addAllContainers(state.listContainers(request.getFilter().getLabelSelectorMap()))
            .build());
  }

  @Override
  public void containerStatus(
      ContainerStatusRequest request, StreamObserver<ContainerStatusResponse> out) {
    answer(
        out,
        () -> ContainerStatusResponse.newBuilder()
            .setStatus(state.containerStatus(request.getContainerId()))
            .build());
  }

  @Override
  public void getContainerEvents(
      GetEventsRequest request, StreamObserver<ContainerEventResponse> out) {
    if (!events) {
      out.onError(Status.UNIMPLEMENTED.withDescription("no events here").asRuntimeException());
      return;
    }
    var call = (ServerCallStreamObserver<ContainerEventResponse>) out;
    Runnable[] unwatch = new Runnable[1];
    unwatch[0] = state.watch(event -> {
      synchronized (call) {
        if (!call.isCancelled()) {
          call.onNext(event);
        }
      }
    });
    call.setOnCancelHandler(() -> unwatch[0].run());
  }
}
