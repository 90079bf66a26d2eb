package dev.jubelet.kubelet.source;

import static org.awaitility.Awaitility.await;

import dev.jubelet.kubelet.pod.FrozenPod;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// Collects what a source emits.
final class Updates implements Consumer<SourceUpdate> {
  private final List<SourceUpdate> all = new CopyOnWriteArrayList<>();

  @Override
  public void accept(SourceUpdate update) {
    all.add(update);
  }

  int count() {
    return all.size();
  }

  SourceUpdate last() {
    return all.getLast();
  }

  /// Waits until the last update satisfies.
  SourceUpdate awaitLast(Predicate<SourceUpdate> satisfies) {
    await().until(() -> !all.isEmpty() && satisfies.test(all.getLast()));
    return all.getLast();
  }

  SourceUpdate awaitNames(String... names) {
    return awaitLast(u -> names(u).equals(List.of(names)));
  }

  static List<String> names(SourceUpdate update) {
    return update.pods().stream().map(FrozenPod::name).toList();
  }

  static String pod(String name) {
    return "apiVersion: v1\nkind: Pod\nmetadata: {name: %s}\nspec: {containers: [{name: c, image: i}]}\n"
        .formatted(name);
  }
}
