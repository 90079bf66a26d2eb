package dev.jubelet.kubelet;

import dev.jubelet.kubelet.config.KubeletConfiguration;
import dev.jubelet.kubelet.config.KubeletSettings;
import dev.jubelet.kubelet.pod.StaticPods;
import dev.jubelet.kubelet.source.FileSource;
import dev.jubelet.kubelet.source.HttpSource;
import dev.jubelet.kubelet.source.RunSource;
import dev.jubelet.kubelet.source.SourceUpdate;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// The sources that the settings name, and the local socket's.
final class Sources implements AutoCloseable {
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
    run.start();
    file.ifPresent(FileSource::start);
    http.ifPresent(HttpSource::start);
  }

  @Override
  public void close() {
    file.ifPresent(FileSource::close);
    http.ifPresent(HttpSource::close);
  }
}
