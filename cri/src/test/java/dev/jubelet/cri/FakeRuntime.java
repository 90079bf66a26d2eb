package dev.jubelet.cri;

import dev.jubelet.cri.v1.CreateContainerRequest;
import dev.jubelet.cri.v1.CreateContainerResponse;
import dev.jubelet.cri.v1.ImageServiceGrpc;
import dev.jubelet.cri.v1.ListContainersRequest;
import dev.jubelet.cri.v1.ListContainersResponse;
import dev.jubelet.cri.v1.RunPodSandboxRequest;
import dev.jubelet.cri.v1.RunPodSandboxResponse;
import dev.jubelet.cri.v1.RuntimeServiceGrpc;
import dev.jubelet.cri.v1.StartContainerRequest;
import dev.jubelet.cri.v1.StartContainerResponse;
import dev.jubelet.cri.v1.VersionRequest;
import dev.jubelet.cri.v1.VersionResponse;
import dev.jubelet.trace.Traces;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;

/// Just enough of a runtime for the wire.
final class FakeRuntime extends RuntimeServiceGrpc.RuntimeServiceImplBase {
  static final class Images extends ImageServiceGrpc.ImageServiceImplBase {}

  private final Traces traces;
  volatile boolean ranOnVirtualThread;

  FakeRuntime(Traces traces) {
    this.traces = traces;
  }

  @Override
  public void version(VersionRequest request, StreamObserver<VersionResponse> answer) {
    ranOnVirtualThread = Thread.currentThread().isVirtual();
    one(answer, VersionResponse.newBuilder().setRuntimeName("fake").build());
  }

  @Override
  public void runPodSandbox(
      RunPodSandboxRequest request, StreamObserver<RunPodSandboxResponse> answer) {
    traces.run("docker", "POST /containers/create", () -> {});
    one(answer, RunPodSandboxResponse.newBuilder().setPodSandboxId("s1").build());
  }

  @Override
  public void createContainer(
      CreateContainerRequest request, StreamObserver<CreateContainerResponse> answer) {
    one(answer, CreateContainerResponse.newBuilder().setContainerId("c1").build());
  }

  @Override
  public void startContainer(
      StartContainerRequest request, StreamObserver<StartContainerResponse> answer) {
    if (request.getContainerId().equals("c1")) {
      one(answer, StartContainerResponse.getDefaultInstance());
    } else {
      answer.onError(Status.NOT_FOUND.withDescription("no container").asException());
    }
  }

  @Override
  public void listContainers(
      ListContainersRequest request, StreamObserver<ListContainersResponse> answer) {
    one(answer, ListContainersResponse.getDefaultInstance());
  }

  private static <A> void one(StreamObserver<A> observer, A answer) {
    observer.onNext(answer);
    observer.onCompleted();
  }
}
