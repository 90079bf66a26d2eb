package dev.jubelet.dockershim.docker;

import java.io.Closeable;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The Engine API as far as a CRI runtime needs it, in our own records. Every call has a deadline
/// of its own (the configured request timeout, the shorter of it and the caller's gRPC deadline)
/// or, where it may be long, a progress watchdog; times and errors are measured in one decorator.
/// Thread-safe; blocking; made for virtual threads.
public interface DockerApi extends Closeable {

  /// `/version` and the negotiated API version, fresh from the engine.
  EngineVersion version() throws DockerException;

  /// `/info`, fresh from the engine.
  EngineInfo info() throws DockerException;

  /// Returns the new container's id.
  ///
  /// @throws DockerException status 404 without the image, 409 when the name is taken
  /// ([DockerException#conflictingId()])
  String createContainer(String name, CreateContainer request) throws DockerException;

  /// Starting a running container is no error.
  void startContainer(String id) throws DockerException;

  /// Sends the stop signal, after `grace` SIGKILL; stopping a stopped one is no error. The call's
  /// own deadline is grace plus the request timeout.
  void stopContainer(String id, Duration grace) throws DockerException;

  void killContainer(String id, String signal) throws DockerException;

  /// With its anonymous volumes; status 404 when it is not there, 409 when it runs and `force` is
  /// false.
  void removeContainer(String id, boolean force) throws DockerException;

  void updateContainer(String id, Resources resources) throws DockerException;

  ContainerInspect inspectContainer(String id) throws DockerException;

  /// All states, only those with every given label (`key=value` or `key`).
  List<ContainerSummary> listContainers(List<String> labels) throws DockerException;

  /// Creates an exec; returns its id.
  String createExec(String containerId, List<String> command, boolean stdin, boolean tty)
      throws DockerException;

  /// Starts an exec and hands over its streams (already demultiplexed when not a tty).
  ExecStreams startExec(String execId, boolean tty) throws DockerException;

  ExecInspect inspectExec(String execId) throws DockerException;

  List<ImageSummary> listImages(Optional<String> reference, boolean sharedSize)
      throws DockerException;

  Optional<ImageInspect> inspectImage(String reference) throws DockerException;

  /// Pulls; `progress` sees each message. Ends with status 504 and a text that names the image when
  /// there is no progress for `idle` (while layers are extracted that counts as progress).
  /// Interruption cancels the pull.
  void pullImage(
      String reference, Optional<RegistryAuth> auth, Duration idle, Consumer<PullProgress> progress)
      throws DockerException, InterruptedException;

  void removeImage(String reference, boolean force) throws DockerException;

  /// Loads a tar as `docker load` does.
  void loadImage(InputStream tar) throws DockerException;

  void tagImage(String image, String repository, String tag) throws DockerException;

  /// Subscribes to the engine's events (container and image types, the actions of design decision
  /// 5), from `since`. Blocks the calling thread until the stream ends, which always ends in an
  /// exception; `connected` runs once the engine
  /// has answered the request.
  void events(Instant since, Runnable connected, Consumer<EngineEvent> sink)
      throws DockerException, InterruptedException;

  /// The container's output as its log driver gives it back, of `since` and later, until the
  /// container ends (`follow`) or the output does. A container that was not started has none.
  ///
  /// @throws DockerException status 501 when the driver cannot give it back
  void logs(String id, Instant since, boolean follow, LogSink sink)
      throws DockerException, InterruptedException;

  /// The oldest short call that still waits for the engine's answer; empty when none does, or when
  /// nobody counts.
  default Optional<Outstanding> oldest() {
    return Optional.empty();
  }

  @Override
  void close();

  /// Takes a container's output, record by record.
  @FunctionalInterface
  interface LogSink {
    /// @param record begins with its time (RFC 3339) and a space; ends with a newline when the
    /// container wrote one there. One longer than 1 MiB comes in parts without a time.
    void accept(boolean stderr, byte[] record) throws java.io.IOException;
  }

  /// A call under way.
  ///
  /// @param operation upstream's name of it, for example `start_container`
  /// @param subject a container's, exec's or image's name; may be empty
  record Outstanding(String operation, String subject, Instant since) {}

  record EngineVersion(
      String version,
      String apiVersion,
      String minApiVersion,
      String os,
      String arch,
      String kernel) {}

  /// `runtimes` are the OCI runtime names, `cgroupDriver` is `cgroupfs`, `systemd` or `none`,
  /// cgroupVersion `1` or `2`.
  record EngineInfo(
      String id,
      String rootDir,
      String cgroupDriver,
      String cgroupVersion,
      String storageDriver,
      String loggingDriver,
      boolean liveRestore,
      boolean containerdImageStore,
      List<String> runtimes,
      String defaultRuntime,
      List<String> securityOptions,
      int cpus,
      long memoryBytes,
      String name,
      // The engine's clock; empty when it does not tell.
      Optional<Instant> systemTime,
      // What the engine itself finds amiss on its host.
      List<String> warnings) {
    public EngineInfo {
      warnings = List.copyOf(warnings);
      runtimes = List.copyOf(runtimes);
      securityOptions = List.copyOf(securityOptions);
    }
  }

  /// Body of create. Null or empty members are left out, so that the image's or engine's value
  /// counts, except where the design says that the engine's default is not ours (decision 16):
  /// those are written always.
  record CreateContainer(
      String image,
      @Nullable String hostname,
      @Nullable String domainname,
      @Nullable String user,
      List<String> env,
      @Nullable List<String> entrypoint,
      @Nullable List<String> cmd,
      @Nullable String workingDir,
      boolean openStdin,
      boolean stdinOnce,
      boolean tty,
      @Nullable String stopSignal,
      Map<String, String> labels,
      HostConfig hostConfig) {}

  record HostConfig(
      String networkMode,
      String ipcMode,
      @Nullable String pidMode,
      @Nullable String utsMode,
      @Nullable String cgroupnsMode,
      @Nullable String cgroupParent,
      List<Mount> mounts,
      List<PortBinding> portBindings,
      List<String> securityOpt,
      List<String> capAdd,
      List<String> capDrop,
      List<String> groupAdd,
      Map<String, String> sysctls,
      boolean privileged,
      boolean readonlyRootfs,
      // Null keeps Docker's default masks; an empty list masks nothing.
      @Nullable List<String> maskedPaths,
      @Nullable List<String> readonlyPaths,
      int oomScoreAdj,
      Resources resources,
      List<Device> devices,
      long shmSize,
      String logDriver,
      Map<String, String> logOptions,
      @Nullable String runtime) {}

  /// Zero means not set (memorySwap −1: unlimited).
  record Resources(
      long cpuShares,
      long cpuPeriod,
      long cpuQuota,
      long memory,
      long memorySwap,
      String cpusetCpus,
      String cpusetMems) {
    public static final Resources NONE = new Resources(0, 0, 0, 0, 0, "", "");
  }

  /// A bind mount; propagation is `rprivate`, `rslave` or `rshared`. The source is never created by
  /// the engine.
  record Mount(
      String source,
      String target,
      boolean readOnly,
      boolean recursiveReadOnly,
      String propagation,
      boolean selinuxRelabel) {}

  record PortBinding(String protocol, int containerPort, int hostPort, String hostIp) {}

  record Device(String pathOnHost, String pathInContainer, String permissions) {}

  record ContainerSummary(
      String id,
      List<String> names,
      String image,
      String imageId,
      Instant created,
      // created, running, paused, restarting, removing, exited, dead.
      String state,
      // HostConfig.NetworkMode: none, host, bridge, container:<id>, a network's name.
      String networkMode,
      Map<String, String> labels) {}

  /// Times are empty where Docker gives its zero time; pid is 0 when it does not run.
  record ContainerInspect(
      String id,
      String name,
      Instant created,
      String state,
      boolean running,
      boolean paused,
      boolean oomKilled,
      long pid,
      int exitCode,
      String error,
      Optional<Instant> startedAt,
      Optional<Instant> finishedAt,
      // The image text that the container was created with.
      String image,
      String imageId,
      Map<String, String> labels,
      String user,
      boolean tty,
      String logPath,
      String logDriver,
      String resolvConfPath,
      String networkMode,
      String ipcMode,
      String pidMode,
      String cgroupParent,
      int oomScoreAdj,
      Resources resources,
      List<InspectMount> mounts,
      // Of all networks, IPv4 before IPv6.
      List<String> ips,
      @Nullable String runtime,
      int restartCount,
      // As written by the request or the image: SIGTERM, TERM, 15; empty: Docker's own.
      String stopSignal) {

    /// The same, killed for want of memory.
    public ContainerInspect asOomKilled() {
      return new ContainerInspect(
          id,
          name,
          created,
          state,
          running,
          paused,
          true,
          pid,
          exitCode,
          error,
          startedAt,
          finishedAt,
          image,
          imageId,
          labels,
          user,
          tty,
          logPath,
          logDriver,
          resolvConfPath,
          networkMode,
          ipcMode,
          pidMode,
          cgroupParent,
          oomScoreAdj,
          resources,
          mounts,
          ips,
          runtime,
          restartCount,
          stopSignal);
    }
  }

  record InspectMount(
      String source, String destination, boolean readOnly, String propagation, String type) {}

  record ExecInspect(boolean running, int exitCode, long pid) {}

  record ImageSummary(
      String id,
      List<String> repoTags,
      List<String> repoDigests,
      long size,
      long sharedSize,
      Map<String, String> labels) {}

  record ImageInspect(
      String id,
      List<String> repoTags,
      List<String> repoDigests,
      long size,
      String user,
      Map<String, String> labels,
      List<String> entrypoint,
      List<String> cmd,
      @Nullable String stopSignal,
      String raw) {}

  record RegistryAuth(
      String username,
      String password,
      String serverAddress,
      String identityToken,
      String registryToken) {
    @Override
    public String toString() {
      return "RegistryAuth[" + serverAddress + "]";
    }
  }

  record PullProgress(String id, String status, long current, long total) {}

  /// One event. `type` container, image or network; `action` start, die, disconnect, …; time is the
  /// engine's (timeNano).
  record EngineEvent(
      String type, String action, String id, Map<String, String> attributes, Instant time) {}

  /// The hijacked streams of an exec. Closing stdin half-closes; closing this ends the connection.
  interface ExecStreams extends Closeable {
    OutputStream stdin();

    /// Copies output until the process's pipes are closed.
    void copyOutput(OutputStream stdout, OutputStream stderr) throws java.io.IOException;

    @Override
    void close();
  }
}
