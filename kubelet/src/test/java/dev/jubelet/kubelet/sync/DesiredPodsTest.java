package dev.jubelet.kubelet.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jubelet.kubelet.pod.FrozenPod;
import dev.jubelet.kubelet.source.SourceUpdate;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class DesiredPodsTest {
  private final DesiredPods desired = new DesiredPods(Set.of("file", "run"));

  private static FrozenPod pod(String uid, String image, Map<String, String> annotations) {
    return new FrozenPod(
        new PodBuilder()
            .withNewMetadata()
            .withName("web")
            .withNamespace("default")
            .withUid(uid)
            .withAnnotations(annotations)
            .endMetadata()
            .withNewSpec()
            .addNewContainer()
            .withName("c")
            .withImage(image)
            .endContainer()
            .endSpec()
            .build(),
        "file",
        Instant.EPOCH);
  }

  private DesiredPods.Change take(String source, FrozenPod... pods) {
    return desired.take(new SourceUpdate(source, List.of(pods), List.of(), Instant.EPOCH));
  }

  @Test
  void aSnapshotIsDiffed() {
    FrozenPod one = pod("1", "a", Map.of());
    FrozenPod two = pod("2", "a", Map.of());
    assertThat(take("file", one, two).added()).containsExactly(one, two);

    FrozenPod edited = pod("2", "b", Map.of());
    DesiredPods.Change change = take("file", edited);

    assertThat(change.removed()).containsExactly(one);
    assertThat(change.updated()).containsExactly(edited);
    assertThat(change.added()).isEmpty();
  }

  @Test
  void theAgentsOwnAnnotationsAreNoChange() {
    take("file", pod("1", "a", Map.of("kubernetes.io/config.seen", "then")));

    var change = take("file", pod("1", "a", Map.of("kubernetes.io/config.seen", "now")));
    var real = take("file", pod("1", "a", Map.of("team", "x")));

    assertThat(change.updated()).isEmpty();
    assertThat(real.updated()).hasSize(1);
  }

  @Test
  void sourcesDoNotRemoveEachOthersPods() {
    take("file", pod("1", "a", Map.of()));

    assertThat(take("run").removed()).isEmpty();
  }

  @Test
  void readyWhenEverySourceWasHeard() {
    take("file");
    assertThat(desired.allReady()).isFalse();
    take("run");
    assertThat(desired.allReady()).isTrue();
  }
}
