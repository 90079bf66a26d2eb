package dev.jubelet.cli.look;

import dev.jubelet.cli.Failure;
import dev.jubelet.trace.local.LocalClient;
import dev.jubelet.trace.local.LocalSockets;
import dev.jubelet.trace.local.LocalSockets.Found;
import dev.jubelet.trace.local.v1.ListPodsRequest;
import dev.jubelet.trace.local.v1.LocalGrpc.LocalBlockingStub;
import dev.jubelet.trace.local.v1.PodSummary;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// The agents and shims of this host, as the commands that look at pods find them.
public final class Agents {
  private static final Duration ANSWER = Duration.ofSeconds(10);
  private static final String NONE =
      "nothing of ours runs here: start it with 'jubelet run FILE', 'jubelet node' or"
          + " 'jubelet dockershim'";

  private final List<Found> found;

  private Agents(List<Found> found) {
    this.found = found;
  }

  /// Everybody who answers; a failure that says what to do when nobody does.
  public static Agents find() throws Failure, IOException {
    LocalSockets sockets = LocalSockets.ofHost();
    if (Files.exists(sockets.directory()) && !Files.isReadable(sockets.directory())) {
      throw Failure.of(sockets.directory() + " may not be read by this user: use root");
    }
    List<Found> found = sockets.running();
    if (found.isEmpty()) {
      Optional<Path> closed = closedToUs(sockets);
      throw Failure.of(
          closed.isEmpty()
              ? NONE
              : closed.get() + " may not be opened by this user: use root or the group docker");
    }
    return new Agents(found);
  }

  public List<Found> found() {
    return found;
  }

  /// A pod and who knows it.
  public record Known<T>(Found agent, T answer) {}

  /// The first answer about a pod that is not "unknown", agents first.
  public <T> Known<T> ask(String pod, Function<LocalBlockingStub, T> question) throws Failure {
    List<String> reasons = new ArrayList<>();
    for (Found agent : found) {
      try (LocalClient client = LocalClient.open(agent.socket())) {
        return new Known<>(agent, question.apply(client.within(ANSWER)));
      } catch (StatusRuntimeException e) {
        if (!isUnknown(e.getStatus())) {
          reasons.add(e.getStatus().getDescription());
        }
      }
    }
    throw Failure.of(
        reasons.isEmpty()
            ? "no pod \"" + pod + "\" is known, 'jubelet ps' lists them"
            : String.join("; ", reasons));
  }

  /// The pods of one agent.
  public static List<PodSummary> pods(Found agent) {
    try (LocalClient client = LocalClient.open(agent.socket())) {
      return client
          .within(ANSWER)
          .listPods(ListPodsRequest.getDefaultInstance())
          .getPodsList();
    }
  }

  /// The one pod that `reference` names: name, namespace/name, or a unique beginning of the uid.
  public Known<PodSummary> pod(String reference) throws Failure {
    List<Known<PodSummary>> matches = new ArrayList<>();
    for (Found agent : found) {
      for (PodSummary pod : pods(agent)) {
        boolean seen = matches.stream().anyMatch(m -> m.answer().getUid().equals(pod.getUid()));
        if (!seen && names(reference, pod)) {
          matches.add(new Known<>(agent, pod));
        }
      }
    }
    return switch (matches.size()) {
      case 0 -> throw Failure.of("no pod \"" + reference + "\" is known, 'jubelet ps' lists them");
      case 1 -> matches.getFirst();
      default ->
        exact(reference, matches)
            .orElseThrow(() -> Failure.of("\"%s\" names %d pods, write namespace/name or the uid"
                .formatted(reference, matches.size())));
    };
  }

  private static Optional<Known<PodSummary>> exact(
      String reference, List<Known<PodSummary>> matches) {
    List<Known<PodSummary>> exact = matches.stream()
        .filter(
            m -> m.answer().getUid().equals(reference) || m.answer().getName().equals(reference))
        .toList();
    return exact.size() == 1 ? Optional.of(exact.getFirst()) : Optional.empty();
  }

  static boolean names(String reference, PodSummary pod) {
    return pod.getName().equals(reference)
        || (pod.getNamespace() + "/" + pod.getName()).equals(reference)
        || pod.getUid().startsWith(reference);
  }

  private static boolean isUnknown(Status status) {
    return switch (status.getCode()) {
      case NOT_FOUND, UNIMPLEMENTED, UNAVAILABLE -> true;
      default -> false;
    };
  }

  private static Optional<Path> closedToUs(LocalSockets sockets) throws IOException {
    if (!Files.isDirectory(sockets.directory())) {
      return Optional.empty();
    }
    try (var files = Files.list(sockets.directory())) {
      return files
          .filter(file -> file.toString().endsWith(".sock") && !Files.isWritable(file))
          .findFirst();
    }
  }
}
