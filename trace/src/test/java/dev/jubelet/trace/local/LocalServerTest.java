package dev.jubelet.trace.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jubelet.trace.local.v1.InfoRequest;
import dev.jubelet.trace.local.v1.InfoResponse;
import dev.jubelet.trace.local.v1.ListPodsRequest;
import dev.jubelet.trace.local.v1.LocalGrpc;
import dev.jubelet.trace.local.v1.PodRef;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalServerTest {
  @TempDir
  Path directory;

  @Test
  void answersWhoItIsAndRefusesWhatItsRoleDoesNotKnow() throws IOException {
    Path socket = directory.resolve("shim-x.sock");
    try (LocalServer server = LocalServer.start(socket, new Shim());
        LocalClient client = LocalClient.open(server.socket())) {
      InfoResponse info =
          client.within(Duration.ofSeconds(5)).info(InfoRequest.getDefaultInstance());
      assertThat(info.getRole()).isEqualTo("shim");
      assertThatThrownBy(
              () -> client.within(Duration.ofSeconds(5)).why(PodRef.getDefaultInstance()))
          .isInstanceOf(StatusRuntimeException.class)
          .hasMessageContaining("UNIMPLEMENTED");
    }
    assertThat(socket).doesNotExist();
  }

  @Test
  void runningProcessesAreFoundAndDeadSocketsAreNot() throws IOException {
    LocalSockets sockets = new LocalSockets(directory);
    Files.createFile(directory.resolve("run-notes.sock"));
    Files.createFile(directory.resolve("dockershim-run.sock"));
    try (LocalServer _ = LocalServer.start(sockets.shim("x"), new Shim())) {
      assertThat(sockets.running())
          .singleElement()
          .satisfies(found -> assertThat(found.socket()).isEqualTo(sockets.shim("x")));
    }
    assertThat(sockets.running()).isEmpty();
    assertThat(new LocalSockets(directory.resolve("none")).running()).isEmpty();
  }

  @Test
  void callsToNobodyFailAtTheirDeadlineOrBefore() {
    try (LocalClient client = LocalClient.open(directory.resolve("none.sock"))) {
      assertThatThrownBy(() ->
              client.within(Duration.ofSeconds(5)).listPods(ListPodsRequest.getDefaultInstance()))
          .isInstanceOf(StatusRuntimeException.class)
          .hasMessageContaining("UNAVAILABLE");
    }
  }

  private static final class Shim extends LocalGrpc.LocalImplBase {
    @Override
    public void info(InfoRequest request, StreamObserver<InfoResponse> answer) {
      answer.onNext(InfoResponse.newBuilder().setRole("shim").build());
      answer.onCompleted();
    }
  }
}
