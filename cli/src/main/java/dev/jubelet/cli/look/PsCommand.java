package dev.jubelet.cli.look;

import dev.jubelet.cli.Failure;
import dev.jubelet.trace.local.LocalSockets.Found;
import dev.jubelet.trace.local.v1.PodSummary;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/// `jubelet ps`.
@Command(name = "ps", description = "Lists the pods of the agents and shims that run here.")
public final class PsCommand implements Callable<Integer> {

  @Override
  public Integer call() throws Failure, IOException {
    System.out.print(table(rows(Agents.find().found(), Instant.now())));
    return 0;
  }

  private static List<List<String>> rows(List<Found> agents, Instant now) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("NAMESPACE", "NAME", "READY", "STATUS", "RESTARTS", "AGE", "IP", "AGENT"));
    Set<String> seen = new HashSet<>();
    for (Found agent : agents) {
      try {
        for (PodSummary pod : Agents.pods(agent)) {
          // an embedded shim knows the same pods as its agent
          if (seen.add(pod.getUid())) {
            rows.add(row(agent, pod, now));
          }
        }
      } catch (StatusRuntimeException e) {
        System.err.println(
            "jubelet: " + agent.socket() + " does not answer: " + e.getStatus().getCode());
      }
    }
    return rows;
  }

  private static List<String> row(Found agent, PodSummary pod, Instant now) {
    Duration age = Duration.between(PodText.instant(pod.getSeenAt()), now);
    return List.of(
        pod.getNamespace(),
        pod.getName(),
        PodText.ready(pod),
        PodText.status(pod),
        Integer.toString(PodText.restarts(pod)),
        pod.getSeenAt() == 0 ? "" : PodText.age(age),
        pod.getIp(),
        agent.info().getRole() + " " + agent.info().getPid());
  }

  /// Columns as wide as their widest cell, three blanks between.
  public static String table(List<List<String>> rows) {
    StringBuilder text = new StringBuilder();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int column = 0; column < row.size(); column++) {
        int at = column;
        int width = rows.stream().mapToInt(r -> r.get(at).length()).max().orElse(0);
        line.append(row.get(column)).append(" ".repeat(width - row.get(column).length() + 3));
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }
}
