package dev.jubelet.cli.run;

import dev.jubelet.cli.Failure;
import dev.jubelet.cli.look.Agents;
import dev.jubelet.kubelet.pod.StaticPods;
import dev.jubelet.kubelet.yaml.YamlException;
import dev.jubelet.trace.local.LocalClient;
import dev.jubelet.trace.local.LocalSockets;
import dev.jubelet.trace.local.v1.Manifest;
import dev.jubelet.trace.local.v1.PodSummary;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `jubelet rm POD|FILE`.
@Command(
    name = "rm",
    description = "Removes pods that 'jubelet run' started, and ends when they are gone.")
public final class RmCommand implements Callable<Integer> {

  @Parameters(
      arity = "1..*",
      paramLabel = "POD|FILE",
      description = "pods by name, namespace/name or uid, or the manifests that they came from")
  private List<String> targets = List.of();

  @Option(
      names = "--grace-period",
      description = "seconds instead of the pods' own",
      defaultValue = "-1")
  private long graceSeconds = Removal.OWN_GRACE;

  @Override
  public Integer call() throws Failure, IOException, InterruptedException {
    Agents agents = Agents.find();
    Path socket = LocalSockets.ofHost().run();
    Set<String> uids = new LinkedHashSet<>();
    for (String target : targets) {
      for (String name : namesIn(target)) {
        Agents.Known<PodSummary> known = agents.pod(name);
        if (!known.answer().getSource().equals("run")) {
          throw Failure.of("pod %s came by %s, remove it there"
              .formatted(name, origin(known.answer().getSource())));
        }
        socket = known.agent().socket();
        uids.add(known.answer().getUid());
      }
    }
    try (LocalClient agent = LocalClient.open(socket)) {
      new Removal(agent, List.copyOf(uids)).run(graceSeconds, () -> false);
    }
    return 0;
  }

  private static String origin(String source) {
    return source.isEmpty() ? "another agent" : "source " + source;
  }

  /// The pods of a manifest, or the one that is named.
  private static List<String> namesIn(String target) throws Failure {
    boolean isPlace = target.equals("-") || Files.exists(Path.of(target));
    if (!isPlace) {
      return List.of(target);
    }
    List<String> names = new ArrayList<>();
    for (Manifest manifest : Manifests.read(List.of(target))) {
      names.addAll(names(manifest));
    }
    return names;
  }

  private static List<String> names(Manifest manifest) throws Failure {
    StaticPods pods = new StaticPods("run", "localhost", List.of(), InstantSource.system());
    List<String> names = new ArrayList<>();
    try {
      for (StaticPods.Taken one :
          pods.take(manifest.getText().getBytes(StandardCharsets.UTF_8), "run")) {
        if (one instanceof StaticPods.Taken.Accepted accepted) {
          names.add(accepted.pod().namespace() + "/" + accepted.pod().name());
        }
      }
      return names;
    } catch (YamlException e) {
      throw Failure.usage(manifest.getOrigin() + ": " + e.getMessage());
    }
  }
}
