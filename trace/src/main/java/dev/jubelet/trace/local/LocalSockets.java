package dev.jubelet.trace.local;

import dev.jubelet.trace.local.v1.InfoRequest;
import dev.jubelet.trace.local.v1.InfoResponse;
import dev.jubelet.trace.socket.SocketFile;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// Where the local sockets live, and who answers on them.
///
/// @param directory usually [#DIRECTORY]
public record LocalSockets(Path directory) {
  public static final Path DIRECTORY = Path.of("/run/jubelet");

  /// Other sockets of ours (CRI) lie in the same directory.
  private static final String LOCAL = "{run,node,shim,tap}*.sock";

  /// A first call of a program that just started takes seconds on a slow machine.
  private static final Duration ANSWER = Duration.ofSeconds(10);

  /// The directory of this host, or the one that `JUBELET_RUN_DIR` names.
  public static LocalSockets ofHost() {
    String directory = System.getenv("JUBELET_RUN_DIR");
    return new LocalSockets(directory == null ? DIRECTORY : Path.of(directory));
  }

  /// A process that answers on `socket`.
  public record Found(Path socket, InfoResponse info) {}

  /// The socket of the agent that `jubelet run` starts.
  public Path run() {
    return directory.resolve("run.sock");
  }

  /// A node agent's socket; `name` tells two on one host apart.
  public Path node(String name) {
    return directory.resolve("node-" + name + ".sock");
  }

  /// A shim's socket; `name` tells two on one host apart.
  public Path shim(String name) {
    return directory.resolve("shim-" + name + ".sock");
  }

  /// Everybody who answers now: agents first, then taps and shims, by path.
  public List<Found> running() throws IOException {
    List<Found> found = new ArrayList<>();
    try (DirectoryStream<Path> sockets = Files.newDirectoryStream(directory, LOCAL)) {
      for (Path socket : sockets) {
        ask(socket).ifPresent(info -> found.add(new Found(socket, info)));
      }
    } catch (NoSuchFileException e) {
      return List.of();
    }
    found.sort(Comparator.comparing((Found f) -> f.info().getRole())
        .thenComparing(f -> f.socket().toString()));
    return found;
  }

  /// Who serves this socket; empty when nobody answers.
  public static Optional<InfoResponse> ask(Path socket) {
    if (!SocketFile.answers(socket)) {
      return Optional.empty();
    }
    try (LocalClient client = LocalClient.open(socket)) {
      return Optional.of(client.within(ANSWER).info(InfoRequest.getDefaultInstance()));
    } catch (StatusRuntimeException e) {
      return Optional.empty();
    }
  }
}
