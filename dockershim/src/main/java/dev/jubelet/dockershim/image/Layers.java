package dev.jubelet.dockershim.image;

import dev.jubelet.dockershim.docker.DockerApi.PullProgress;
import dev.jubelet.trace.Traces;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Follows a pull's layers, so that the trace shows which one took how long.
final class Layers implements Consumer<PullProgress> {
  private static final int MOST = 128;

  private final Map<String, Layer> layers = new LinkedHashMap<>();

  @Override
  public void accept(PullProgress progress) {
    String status = progress.status();
    if (status.equals("Pulling fs layer") && layers.size() < MOST) {
      layers.putIfAbsent(progress.id(), new Layer(Instant.now()));
      return;
    }
    @Nullable Layer layer = layers.get(progress.id());
    if (layer != null && status.equals("Pull complete")) {
      layer.end = Instant.now();
    }
  }

  void record(Traces traces) {
    layers.forEach((id, layer) -> {
      Instant end = layer.end;
      if (end != null) {
        traces.past("pull", "layer " + id, layer.begin, end);
      }
    });
  }

  private static final class Layer {
    private final Instant begin;
    private @Nullable Instant end;

    Layer(Instant begin) {
      this.begin = begin;
    }
  }
}
