package dev.jubelet.dockershim.image;

import dev.jubelet.dockershim.docker.DockerApi;
import dev.jubelet.dockershim.docker.DockerApi.ImageInspect;
import dev.jubelet.dockershim.docker.DockerException;
import dev.jubelet.dockershim.state.ContainerState;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/// What the engine told of the images that were asked for, by the text that named them. Everything
/// is forgotten when any image changes, when the events were away, and after our own writes; it is
/// not believed while the engine's events are not proven. So a pod's start asks nothing about an
/// image that an earlier pod had.
public final class KnownImages {
  private static final int MOST = 500;

  private final DockerApi docker;
  private final ContainerState state;
  private final Map<String, Found> known = new ConcurrentHashMap<>();
  private final AtomicLong change = new AtomicLong();

  public KnownImages(DockerApi docker, ContainerState state) {
    this.docker = docker;
    this.state = state;
    state.onImages(this::forget);
  }

  /// By id, tag or digest name; empty when the engine lacks it (which is asked each time).
  public Optional<ImageInspect> find(String reference) throws DockerException {
    long before = change.get();
    Found found = known.get(reference);
    if (found != null && found.change() == before && state.proven()) {
      return Optional.of(found.image());
    }
    Optional<ImageInspect> image = docker.inspectImage(reference);
    image.ifPresent(now -> keep(reference, new Found(now, before)));
    return image;
  }

  private void keep(String reference, Found found) {
    if (known.size() >= MOST) {
      known.clear();
    }
    known.put(reference, found);
  }

  /// After any change of any image; what is being asked for meanwhile counts as old, too.
  void forget() {
    change.incrementAndGet();
    known.clear();
  }

  /// @param change how many changes there were before the engine was asked
  private record Found(ImageInspect image, long change) {}
}
