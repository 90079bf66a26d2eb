package dev.jubelet.kubelet;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.jubelet.kubelet.config.KubeletConfiguration;
import dev.jubelet.kubelet.config.KubeletSettings;
import dev.jubelet.kubelet.pod.StaticPods;
import dev.jubelet.kubelet.source.FileSource;
import dev.jubelet.kubelet.source.HttpSource;
import dev.jubelet.kubelet.source.RunSource;
import dev.jubelet.kubelet.source.SourceUpdate;
import dev.jubelet.kubelet.yaml.YamlException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The sources that the settings name, and the local socket's.
final class Sources implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Sources.class);
  private static final String ANY_POD = """
      {"apiVersion":"v1","kind":"Pod","metadata":{"name":"any"},"spec":{"containers":[{"name":"any",
      "image":"any","command":["any"],"env":[{"name":"A","value":"b"}],
      "ports":[{"containerPort":1}],"resources":{"limits":{"memory":"1Mi"}},
      "volumeMounts":[{"name":"any","mountPath":"/any"}]}],
      "volumes":[{"name":"any","emptyDir":{}}]}}
      """;

  private final RunSource run;
  private final Optional<FileSource> file;
  private final Optional<HttpSource> http;

  Sources(KubeletSettings settings, Consumer<SourceUpdate> updates, Clock clock) {
    KubeletConfiguration.StaticPods config = settings.configuration().staticPods();
    this.run = new RunSource(
        settings.rootDir().resolve("run-pods"), reader(settings, "run", clock), updates, clock);
    this.file = config
        .staticPodPath()
        .map(path -> new FileSource(
            Path.of(path),
            reader(settings, "file", clock),
            config.fileCheckFrequency(),
            updates,
            clock));
    this.http = config
        .staticPodURL()
        .map(url -> new HttpSource(
            URI.create(url),
            config.staticPodURLHeader(),
            reader(settings, "http", clock),
            config.httpCheckFrequency(),
            updates,
            clock));
  }

  private static StaticPods reader(KubeletSettings settings, String source, Clock clock) {
    return new StaticPods(
        source, settings.nodeName(), settings.configuration().pods().allowedUnsafeSysctls(), clock);
  }

  /// Those that have to be heard before anything is deleted.
  static Set<String> expected(KubeletSettings settings) {
    KubeletConfiguration.StaticPods config = settings.configuration().staticPods();
    Set<String> names = new HashSet<>(Set.of("run"));
    config.staticPodPath().ifPresent(_ -> names.add("file"));
    config.staticPodURL().ifPresent(_ -> names.add("http"));
    return names;
  }

  RunSource run() {
    return run;
  }

  void start() throws IOException {
    Thread.ofPlatform().daemon().name("warm-up").start(Sources::warmUp);
    run.start();
    file.ifPresent(FileSource::start);
    http.ifPresent(HttpSource::start);
  }

  /// The first pod that is read takes a third of a second, for Jackson to look at the whole model;
  /// better before it comes.
  private static void warmUp() {
    try {
      StaticPods reader = new StaticPods("any", "any", List.of(), Clock.systemUTC());
      for (StaticPods.Taken taken : reader.take(ANY_POD.getBytes(UTF_8), "any")) {
        if (taken instanceof StaticPods.Taken.Accepted accepted) {
          StaticPods.withUid(accepted.pod(), "any");
        }
      }
    } catch (YamlException | RuntimeException e) {
      LOG.debug("Nothing was warmed up: {}", e.toString());
    }
  }

  @Override
  public void close() {
    file.ifPresent(FileSource::close);
    http.ifPresent(HttpSource::close);
  }
}
