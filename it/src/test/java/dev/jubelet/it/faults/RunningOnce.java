package dev.jubelet.it.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jubelet.it.Background;
import dev.jubelet.it.Engine;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Watches the engine's own events: at no moment do two containers of one name of a pod run,
/// nor two sandboxes of a pod.
final class RunningOnce implements AutoCloseable {
  private static final String UID = "{{index .Actor.Attributes \"io.kubernetes.pod.uid\"}}";
  private static final String NAME = "{{index .Actor.Attributes \"io.kubernetes.container.name\"}}";
  private final Background events;

  RunningOnce() throws IOException {
    events = Background.start(
        "events",
        Map.of(),
        List.of(
            "docker",
            "-H",
            "unix://" + Engine.socket(),
            "events",
            "--filter=type=container",
            "--filter=event=start",
            "--filter=event=die",
            "--filter=label=io.kubernetes.pod.uid",
            "--format=event {{.Action}} {{.Actor.ID}} " + UID + "/" + NAME));
  }

  /// Fails when there ever were two.
  void check() {
    Map<String, Set<String>> running = new HashMap<>();
    List<String> twice = new ArrayList<>();
    for (String line : events.all()) {
      String[] words = line.split(" ");
      Set<String> ids = running.computeIfAbsent(words[3], _ -> new LinkedHashSet<>());
      if (words[1].equals("start")) {
        ids.add(words[2]);
      } else {
        ids.remove(words[2]);
      }
      if (ids.size() > 1) {
        twice.add(words[3] + ": " + ids);
      }
    }
    assertThat(running).as("events were seen").isNotEmpty();
    assertThat(twice).as("two ran at once").isEmpty();
  }

  @Override
  public void close() {
    events.close();
  }
}
