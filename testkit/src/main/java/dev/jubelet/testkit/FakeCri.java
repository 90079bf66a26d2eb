package dev.jubelet.testkit;

import dev.jubelet.cri.CriServer;
import dev.jubelet.cri.v1.ContainerState;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// A CRI runtime at the wire: keeps sandboxes, containers and images in memory, tells events, notes
/// every call, and fails or hangs on demand. Nothing runs in its containers: tests say when one
/// exits.
public final class FakeCri implements AutoCloseable {
  private final FakeCriState state = new FakeCriState();
  private final CriFaults faults = new CriFaults();
  private final CriServer server;
  private final Path socket;

  private FakeCri(Path socket, boolean events) throws IOException {
    this.socket = socket;
    this.server = CriServer.start(
        socket,
        0600,
        new FakeRuntimeService(state, events),
        new FakeImageService(state),
        List.of(faults));
  }

  /// One that tells container events.
  public static FakeCri start(Path socket) throws IOException {
    return new FakeCri(socket, true);
  }

  /// One that has none, like containerd 1.6.
  public static FakeCri withoutEvents(Path socket) throws IOException {
    return new FakeCri(socket, false);
  }

  public Path socket() {
    return socket;
  }

  /// The verbs called so far, in order.
  public List<String> calls() {
    return faults.calls();
  }

  public void forgetCalls() {
    faults.forgetCalls();
  }

  /// The next call of this verb answers with that status and does nothing.
  public void failNext(String verb, Status status) {
    faults.failNext(verb, status);
  }

  /// Calls of this verb wait until [#release(String)].
  public void hang(String verb) {
    faults.hang(verb);
  }

  public void release(String verb) {
    faults.release(verb);
  }

  /// From now on the runtime has this image.
  public void addImage(String image) {
    state.addImage(image);
  }

  /// Whether the runtime calls itself ready.
  public void runtimeReady(boolean ready) {
    state.runtimeReady(ready);
  }

  /// Whether pods can be joined to a network.
  public void networkReady(boolean ready) {
    state.networkReady(ready);
  }

  /// From now on the runtime's clock is so much ahead; negative for behind.
  public void clockAhead(Duration by) {
    state.clockAhead(by);
  }

  /// Containers of this name take that long to stop, or until they are killed by a grace shorter
  /// than that.
  public void stopTakes(String containerName, long millis) {
    state.stopTakes(containerName, millis);
  }

  /// The running container of this name exits by itself.
  public void exit(String containerName, int code) {
    state.exit(containerName, code);
  }

  /// A sandbox dies under its pod.
  public void killSandbox(String podName) {
    state.killSandbox(podName);
  }

  /// `pod/container` of each running container, in the order of their starts.
  public List<String> running() {
    return state.running();
  }

  /// `pod/container` in the order in which they were told to stop.
  public List<String> stopped() {
    return state.stopped();
  }

  /// How many containers of this name were ever made.
  public long created(String containerName) {
    return state.created(containerName);
  }

  /// Ready sandboxes of that pod.
  public long readySandboxes(String podName) {
    return state.readySandboxes(podName);
  }

  /// Sandboxes and containers, whatever their state.
  public int objects() {
    return state.objects();
  }

  /// The state of the newest container of this name.
  public Optional<ContainerState> stateOf(String containerName) {
    return state.stateOf(containerName);
  }

  @Override
  public void close() throws IOException {
    faults.releaseAll();
    server.close();
  }
}
