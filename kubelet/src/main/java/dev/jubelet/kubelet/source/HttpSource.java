package dev.jubelet.kubelet.source;

import dev.jubelet.kubelet.pod.StaticPods;
import dev.jubelet.kubelet.yaml.BoundedYaml;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Static pods of a URL, asked every `httpCheckFrequency`. A body that did not change is skipped;
/// an
/// answer that is no success or no manifest changes nothing. Redirects are not followed, so that
/// the
/// headers reach nobody else.
public final class HttpSource implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HttpSource.class);
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final Duration WHOLE = Duration.ofSeconds(30);
  private static final int LOUD_FAILURES = 3;

  private final URI url;
  private final Map<String, List<String>> headers;
  private final StaticPods reader;
  private final Duration checkFrequency;
  private final Consumer<SourceUpdate> updates;
  private final InstantSource clock;
  private final Thread thread;
  private byte @Nullable [] body;
  private ManifestText text;
  private int failures;

  public HttpSource(
      URI url,
      Map<String, List<String>> headers,
      StaticPods reader,
      Duration checkFrequency,
      Consumer<SourceUpdate> updates,
      InstantSource clock) {
    this.url = url;
    this.headers = Map.copyOf(headers);
    this.reader = reader;
    this.checkFrequency = checkFrequency;
    this.updates = updates;
    this.clock = clock;
    this.text = ManifestText.nothing(url.toString());
    this.thread = Thread.ofVirtual().name("http-source").unstarted(this::run);
  }

  public void start() {
    thread.start();
  }

  @Override
  public void close() {
    thread.interrupt();
  }

  private void run() {
    try {
      while (!Thread.interrupted()) {
        check();
        Thread.sleep(checkFrequency);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.error("Static pods of {} are no longer followed", url, e);
    }
  }

  private void check() {
    try {
      byte[] fetched = fetch();
      Instant noticed = clock.instant();
      if (!Arrays.equals(fetched, body)) {
        take(fetched, noticed);
      }
      failures = 0;
    } catch (IOException e) {
      failures++;
      if (failures <= LOUD_FAILURES) {
        LOG.warn("Failed to read pods from URL {}: {}", url, e.getMessage());
      }
    }
  }

  private void take(byte[] fetched, Instant noticed) throws IOException {
    ManifestText now = fetched.length == 0
        ? ManifestText.nothing(url.toString())
        : ManifestText.of(reader, fetched, "url:" + url, url.toString(), text);
    if (now.wholeRefused() && body == null) {
      throw new IOException(String.join(", ", now.refused().getFirst().problems()));
    }
    body = fetched;
    text = now;
    Snapshot snapshot = Snapshot.of(List.of(now));
    reader.retain(snapshot.uids());
    updates.accept(snapshot.update("http", noticed));
  }

  private byte[] fetch() throws IOException {
    HttpURLConnection connection = (HttpURLConnection) url.toURL().openConnection();
    try {
      connection.setConnectTimeout((int) TIMEOUT.toMillis());
      connection.setReadTimeout((int) TIMEOUT.toMillis());
      connection.setInstanceFollowRedirects(false);
      connection.setUseCaches(false);
      headers.forEach(
          (name, values) -> values.forEach(v -> connection.addRequestProperty(name, v)));
      int status = connection.getResponseCode();
      if (status >= 300 && status < 400) {
        throw new IOException("answers %d to %s: set staticPodURL to where the manifest is"
            .formatted(status, connection.getHeaderField("Location")));
      }
      if (status != HttpURLConnection.HTTP_OK) {
        throw new IOException("answers " + status);
      }
      try (InputStream in = connection.getInputStream()) {
        return bounded(in);
      }
    } finally {
      connection.disconnect();
    }
  }

  private static byte[] bounded(InputStream in) throws IOException {
    long end = System.nanoTime() + WHOLE.toNanos();
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    byte[] buffer = new byte[64 * 1024];
    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
      all.write(buffer, 0, n);
      if (all.size() > BoundedYaml.MAX_BYTES) {
        throw new IOException("sends more than %d bytes".formatted(BoundedYaml.MAX_BYTES));
      }
      if (System.nanoTime() > end) {
        throw new IOException("is not done within %d s".formatted(WHOLE.toSeconds()));
      }
    }
    return all.toByteArray();
  }
}
