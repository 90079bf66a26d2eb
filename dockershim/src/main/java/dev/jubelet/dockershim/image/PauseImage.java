package dev.jubelet.dockershim.image;

import dev.jubelet.dockershim.docker.DockerApi;
import dev.jubelet.dockershim.docker.DockerException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;

/// The sandbox image that needs no registry: one layer with the program of
/// `src/main/pause/pause.S`, made here byte for byte the same each time and loaded into the engine
/// when it is not there.
public final class PauseImage {
  private static final String REPOSITORY = "jubelet/pause";
  private static final String CREATED = "2026-11-01T00:00:00Z";

  private final byte[] layer;
  private final byte[] config;
  private final ReentrantLock loading = new ReentrantLock();

  public PauseImage() {
    layer = new Tar().file("pause", program(), 0755).bytes();
    config = config(digest(layer)).getBytes(StandardCharsets.UTF_8);
  }

  /// Its name in the engine. The tag is of the content, so another version never counts as this
  /// one.
  public String reference() {
    return REPOSITORY + ":" + tag();
  }

  /// Loads the image when the engine lacks it; returns [#reference()].
  ///
  /// @throws DockerException also when the image is not there after loading it
  public String ensure(DockerApi docker) throws DockerException {
    loading.lock();
    try {
      if (docker.inspectImage(reference()).isPresent()) {
        return reference();
      }
      docker.loadImage(new ByteArrayInputStream(archive()));
      if (docker.inspectImage(reference()).isEmpty()) {
        throw new DockerException(
            "load", 0, "the engine took " + reference() + " but does not have it now", false);
      }
      return reference();
    } finally {
      loading.unlock();
    }
  }

  /// What `docker load` takes.
  public byte[] archive() {
    String configName = digest(config) + ".json";
    String layerName = digest(layer) + "/layer.tar";
    String manifest = "[{\"Config\":\"%s\",\"RepoTags\":[\"%s\"],\"Layers\":[\"%s\"]}]\n"
        .formatted(configName, reference(), layerName);
    return new Tar()
        .file(configName, config, 0644)
        .file(layerName, layer, 0644)
        .file("manifest.json", manifest.getBytes(StandardCharsets.UTF_8), 0644)
        .bytes();
  }

  private String tag() {
    return digest(config).substring(0, 12);
  }

  private static String config(String layerDigest) {
    return """
        {"architecture":"amd64","os":"linux","created":"%1$s",\
        "config":{"Env":["PATH=/"],"Entrypoint":["/pause"],"WorkingDir":"/",\
        "Labels":{"dev.jubelet.image":"pause","org.opencontainers.image.licenses":"Apache-2.0"}},\
        "history":[{"created":"%1$s","created_by":"jubelet, from pause.S"}],\
        "rootfs":{"type":"layers","diff_ids":["sha256:%2$s"]}}
        """.formatted(CREATED, layerDigest);
  }

  private static byte[] program() {
    try (InputStream in = PauseImage.class.getResourceAsStream("pause")) {
      return Objects.requireNonNull(in, "the pause program is not in the jar").readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String digest(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /// A tar of regular files, owned by root, from the epoch's first second.
  private static final class Tar {
    private static final int BLOCK = 512;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Tar file(String name, byte[] content, int mode) {
      byte[] header = new byte[BLOCK];
      put(header, 0, name);
      put(header, 100, "%07o".formatted(mode));
      put(header, 108, "0000000");
      put(header, 116, "0000000");
      put(header, 124, "%011o".formatted(content.length));
      put(header, 136, "00000000000");
      put(header, 148, " ".repeat(8));
      put(header, 156, "0");
      put(header, 257, "ustar\00000");
      int sum = 0;
      for (byte b : header) {
        sum += b & 0xff;
      }
      put(header, 148, "%06o\0 ".formatted(sum));
      out.writeBytes(header);
      out.writeBytes(content);
      out.writeBytes(new byte[(BLOCK - content.length % BLOCK) % BLOCK]);
      return this;
    }

    byte[] bytes() {
      out.writeBytes(new byte[2 * BLOCK]);
      return out.toByteArray();
    }

    private static void put(byte[] header, int at, String text) {
      byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
      System.arraycopy(bytes, 0, header, at, bytes.length);
    }
  }
}
