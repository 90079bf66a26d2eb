package dev.jubelet.kubelet.cri;

import dev.jubelet.cri.v1.AuthConfig;
import dev.jubelet.cri.v1.Container;
import dev.jubelet.cri.v1.ContainerConfig;
import dev.jubelet.cri.v1.ContainerEventResponse;
import dev.jubelet.cri.v1.ContainerFilter;
import dev.jubelet.cri.v1.ContainerStatusRequest;
import dev.jubelet.cri.v1.ContainerStatusResponse;
import dev.jubelet.cri.v1.CreateContainerRequest;
import dev.jubelet.cri.v1.FilesystemUsage;
import dev.jubelet.cri.v1.GetEventsRequest;
import dev.jubelet.cri.v1.Image;
import dev.jubelet.cri.v1.ImageFsInfoRequest;
import dev.jubelet.cri.v1.ImageServiceGrpc;
import dev.jubelet.cri.v1.ImageServiceGrpc.ImageServiceBlockingStub;
import dev.jubelet.cri.v1.ImageSpec;
import dev.jubelet.cri.v1.ImageStatusRequest;
import dev.jubelet.cri.v1.ImageStatusResponse;
import dev.jubelet.cri.v1.ListContainersRequest;
import dev.jubelet.cri.v1.ListImagesRequest;
import dev.jubelet.cri.v1.ListPodSandboxRequest;
import dev.jubelet.cri.v1.PodSandbox;
import dev.jubelet.cri.v1.PodSandboxConfig;
import dev.jubelet.cri.v1.PodSandboxFilter;
import dev.jubelet.cri.v1.PodSandboxStatusRequest;
import dev.jubelet.cri.v1.PodSandboxStatusResponse;
import dev.jubelet.cri.v1.PullImageRequest;
import dev.jubelet.cri.v1.RemoveContainerRequest;
import dev.jubelet.cri.v1.RemoveImageRequest;
import dev.jubelet.cri.v1.RemovePodSandboxRequest;
import dev.jubelet.cri.v1.ReopenContainerLogRequest;
import dev.jubelet.cri.v1.RunPodSandboxRequest;
import dev.jubelet.cri.v1.RuntimeServiceGrpc;
import dev.jubelet.cri.v1.RuntimeServiceGrpc.RuntimeServiceBlockingStub;
import dev.jubelet.cri.v1.StartContainerRequest;
import dev.jubelet.cri.v1.StatusRequest;
import dev.jubelet.cri.v1.StatusResponse;
import dev.jubelet.cri.v1.StopContainerRequest;
import dev.jubelet.cri.v1.StopPodSandboxRequest;
import dev.jubelet.cri.v1.VersionRequest;
import dev.jubelet.cri.v1.VersionResponse;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;

/// The container runtime as the agent calls it: blocking, one method per CRI verb, each with the
/// deadline that upstream's client gives it. An interrupt cancels the call.
///
/// @see <a href="https://github.com/kubernetes/cri-client">cri-client</a>
public final class RuntimeClient {
  private final RuntimeServiceBlockingStub runtime;
  private final ImageServiceBlockingStub image;
  private final Duration timeout;

  /// @param timeout `runtimeRequestTimeout`, upstream's default is 2 minutes
  public RuntimeClient(Channel channel, Duration timeout) {
    this(channel, channel, timeout);
  }

  /// With an image service of its own (`--image-service-endpoint`).
  public RuntimeClient(Channel runtime, Channel image, Duration timeout) {
    this.runtime = RuntimeServiceGrpc.newBlockingStub(runtime);
    this.image = ImageServiceGrpc.newBlockingStub(image);
    this.timeout = timeout;
  }

  public VersionResponse version() throws CriException {
    return runtime(
        "Version",
        "the runtime",
        timeout,
        r -> r.version(VersionRequest.newBuilder().setVersion("0.1.0").build()));
  }

  public StatusResponse status(boolean verbose) throws CriException {
    return runtime(
        "Status",
        "the runtime",
        timeout,
        r -> r.status(StatusRequest.newBuilder().setVerbose(verbose).build()));
  }

  /// Creates, starts and joins a sandbox; gives its id. Twice the usual time, as upstream.
  public String runPodSandbox(PodSandboxConfig config, String runtimeHandler) throws CriException {
    var request =
        RunPodSandboxRequest.newBuilder().setConfig(config).setRuntimeHandler(runtimeHandler);
    String pod =
        config.getMetadata().getNamespace() + "/" + config.getMetadata().getName();
    return runtime(
            "RunPodSandbox", pod, timeout.multipliedBy(2), r -> r.runPodSandbox(request.build()))
        .getPodSandboxId();
  }

  public void stopPodSandbox(String id) throws CriException {
    var request = StopPodSandboxRequest.newBuilder().setPodSandboxId(id).build();
    ignoreNotFound(() -> runtime("StopPodSandbox", id, timeout, r -> r.stopPodSandbox(request)));
  }

  public void removePodSandbox(String id) throws CriException {
    var request = RemovePodSandboxRequest.newBuilder().setPodSandboxId(id).build();
    ignoreNotFound(
        () -> runtime("RemovePodSandbox", id, timeout, r -> r.removePodSandbox(request)));
  }

  public PodSandboxStatusResponse podSandboxStatus(String id) throws CriException {
    var request = PodSandboxStatusRequest.newBuilder().setPodSandboxId(id).build();
    return runtime("PodSandboxStatus", id, timeout, r -> r.podSandboxStatus(request));
  }

  /// All sandboxes of the runtime that match.
  public List<PodSandbox> listPodSandbox(PodSandboxFilter filter) throws CriException {
    var request = ListPodSandboxRequest.newBuilder().setFilter(filter).build();
    return runtime("ListPodSandbox", "sandboxes", timeout, r -> r.listPodSandbox(request))
        .getItemsList();
  }

  /// Gives the id of the new container.
  public String createContainer(String sandboxId, ContainerConfig config, PodSandboxConfig sandbox)
      throws CriException {
    var request = CreateContainerRequest.newBuilder()
        .setPodSandboxId(sandboxId)
        .setConfig(config)
        .setSandboxConfig(sandbox)
        .build();
    return runtime(
            "CreateContainer",
            config.getMetadata().getName(),
            timeout,
            r -> r.createContainer(request))
        .getContainerId();
  }

  public void startContainer(String id) throws CriException {
    var request = StartContainerRequest.newBuilder().setContainerId(id).build();
    runtime("StartContainer", id, timeout, r -> r.startContainer(request));
  }

  /// Ends when the container has ended; one that is unknown has.
  public void stopContainer(String id, Duration grace) throws CriException {
    var request = StopContainerRequest.newBuilder()
        .setContainerId(id)
        .setTimeout((grace.toMillis() + 999) / 1000)
        .build();
    ignoreNotFound(
        () -> runtime("StopContainer", id, timeout.plus(grace), r -> r.stopContainer(request)));
  }

  public void removeContainer(String id) throws CriException {
    var request = RemoveContainerRequest.newBuilder().setContainerId(id).build();
    ignoreNotFound(() -> runtime("RemoveContainer", id, timeout, r -> r.removeContainer(request)));
  }

  /// Answers when the container's output goes to a new file at the old path.
  public void reopenContainerLog(String id) throws CriException {
    var request = ReopenContainerLogRequest.newBuilder().setContainerId(id).build();
    runtime("ReopenContainerLog", id, timeout, r -> r.reopenContainerLog(request));
  }

  public List<Container> listContainers(ContainerFilter filter) throws CriException {
    var request = ListContainersRequest.newBuilder().setFilter(filter).build();
    return runtime("ListContainers", "containers", timeout, r -> r.listContainers(request))
        .getContainersList();
  }

  public ContainerStatusResponse containerStatus(String id) throws CriException {
    var request = ContainerStatusRequest.newBuilder().setContainerId(id).build();
    return runtime("ContainerStatus", id, timeout, r -> r.containerStatus(request));
  }

  /// Hands over the runtime's container events until the stream ends, which is always an exception:
  /// UNIMPLEMENTED when the runtime has none, CANCELLED after an interrupt.
  public void containerEvents(Consumer<ContainerEventResponse> sink) throws CriException {
    runtime("GetContainerEvents", "events", Duration.ZERO, r -> {
      Iterator<ContainerEventResponse> events =
          r.getContainerEvents(GetEventsRequest.getDefaultInstance());
      events.forEachRemaining(sink);
      throw Status.UNAVAILABLE.withDescription("the event stream ended").asRuntimeException();
    });
  }

  /// The image as the runtime holds it; empty when it does not.
  public Optional<Image> imageStatus(ImageSpec spec) throws CriException {
    var request = ImageStatusRequest.newBuilder().setImage(spec).build();
    ImageStatusResponse answer =
        image("ImageStatus", spec.getImage(), timeout, i -> i.imageStatus(request));
    return answer.hasImage() ? Optional.of(answer.getImage()) : Optional.empty();
  }

  /// Pulls, without a deadline; gives the runtime's reference of the image.
  public String pullImage(ImageSpec spec, Optional<AuthConfig> auth, PodSandboxConfig sandbox)
      throws CriException {
    var request = PullImageRequest.newBuilder().setImage(spec).setSandboxConfig(sandbox);
    auth.ifPresent(request::setAuth);
    return image("PullImage", spec.getImage(), Duration.ZERO, i -> i.pullImage(request.build()))
        .getImageRef();
  }

  public List<Image> listImages() throws CriException {
    return image(
            "ListImages",
            "images",
            timeout,
            i -> i.listImages(ListImagesRequest.getDefaultInstance()))
        .getImagesList();
  }

  public void removeImage(ImageSpec spec) throws CriException {
    var request = RemoveImageRequest.newBuilder().setImage(spec).build();
    image("RemoveImage", spec.getImage(), timeout, i -> i.removeImage(request));
  }

  public List<FilesystemUsage> imageFsInfo() throws CriException {
    return image(
            "ImageFsInfo",
            "the image store",
            timeout,
            i -> i.imageFsInfo(ImageFsInfoRequest.getDefaultInstance()))
        .getImageFilesystemsList();
  }

  private <T> T runtime(
      String verb, String subject, Duration limit, Function<RuntimeServiceBlockingStub, T> call)
      throws CriException {
    try {
      return call.apply(
          limit.isZero()
              ? runtime
              : runtime.withDeadlineAfter(limit.toMillis(), TimeUnit.MILLISECONDS));
    } catch (StatusRuntimeException e) {
      throw new CriException(verb, subject, e.getStatus(), e);
    }
  }

  private <T> T image(
      String verb, String subject, Duration limit, Function<ImageServiceBlockingStub, T> call)
      throws CriException {
    try {
      return call.apply(
          limit.isZero()
              ? image
              : image.withDeadlineAfter(limit.toMillis(), TimeUnit.MILLISECONDS));
    } catch (StatusRuntimeException e) {
      throw new CriException(verb, subject, e.getStatus(), e);
    }
  }

  private interface Call {
    void run() throws CriException;
  }

  private static void ignoreNotFound(Call call) throws CriException {
    try {
      call.run();
    } catch (CriException e) {
      if (!e.notFound()) {
        throw e;
      }
    }
  }
}
