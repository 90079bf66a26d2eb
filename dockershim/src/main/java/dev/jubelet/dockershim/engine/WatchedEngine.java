package dev.jubelet.dockershim.engine;

import dev.jubelet.dockershim.CriException;
import dev.jubelet.dockershim.docker.DockerApi;
import dev.jubelet.dockershim.docker.DockerApi.EngineInfo;
import dev.jubelet.dockershim.docker.DockerApi.EngineVersion;
import dev.jubelet.dockershim.docker.DockerException;
import dev.jubelet.linux.AtomicFile;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/// Asks the engine once per time that it was away, and keeps the answer in `engine.json` for a
/// start of the shim without an engine.
public final class WatchedEngine implements Engine {
  private static final Logger log = LoggerFactory.getLogger(WatchedEngine.class);
  private static final JsonMapper JSON = new JsonMapper();

  private final DockerApi docker;
  private final Limits limits;
  private final Path file;
  private final ReentrantLock asking = new ReentrantLock();
  private volatile EngineFacts known;
  private volatile boolean fresh;

  /// @param file where the answer is kept
  public WatchedEngine(DockerApi docker, Limits limits, Path file) {
    this.docker = docker;
    this.limits = limits;
    this.file = file;
    this.known = read(file);
  }

  @Override
  public EngineFacts lastKnown() {
    return known;
  }

  @Override
  public EngineFacts current() throws DockerException, InterruptedException {
    if (fresh) {
      return known;
    }
    asking.lockInterruptibly();
    try {
      if (!fresh) {
        ask();
      }
      return known;
    } finally {
      asking.unlock();
    }
  }

  /// The engine was away: it may be another one now.
  public void wasAway() {
    fresh = false;
  }

  private void ask() throws DockerException, InterruptedException {
    EngineVersion version = docker.version();
    EngineInfo info = docker.info();
    Optional<String> refusal = limits.refusal(info);
    if (refusal.isPresent()) {
      throw new CriException(Status.Code.FAILED_PRECONDITION, refusal.get());
    }
    EngineFacts facts = new EngineFacts(
        version.version(),
        version.apiVersion(),
        info.cgroupDriver().equals("systemd") ? "systemd" : "cgroupfs",
        info.cgroupVersion().equals("2"),
        info.rootDir(),
        info.loggingDriver(),
        info.securityOptions().stream().anyMatch(option -> option.startsWith("name=selinux")),
        EngineFacts.recursiveReadOnly(version.apiVersion(), version.kernel()),
        limits.oomNote());
    if (!facts.equals(known)) {
      log.info(
          "engine {} (API {}), cgroup driver {}, log driver {}",
          facts.version(),
          facts.apiVersion(),
          facts.cgroupDriver(),
          facts.logDriver());
      facts.oomNote().filter(n -> !known.oomNote().equals(Optional.of(n))).ifPresent(log::warn);
      if (!LogOptions.isOurs(facts.logDriver())) {
        log.warn("logs of pods: {}", LogOptions.way(facts.logDriver()));
      }
      keep(facts);
    }
    known = facts;
    fresh = true;
  }

  private void keep(EngineFacts facts) {
    try {
      AtomicFile.write(file, JSON.writeValueAsBytes(facts), 0600);
    } catch (IOException | JacksonException e) {
      log.warn("cannot keep what is known of the engine: {}", e.toString());
    }
  }

  private static EngineFacts read(Path file) {
    try {
      return EngineFacts.parse(JSON.readTree(Files.readAllBytes(file)));
    } catch (NoSuchFileException e) {
      return EngineFacts.UNKNOWN;
    } catch (IOException | JacksonException e) {
      log.warn("{} is not readable, starting without it: {}", file, e.toString());
      return EngineFacts.UNKNOWN;
    }
  }

  /// What the engine may not do here.
  public interface Limits {
    /// Why it cannot run pods at all; empty when it can.
    Optional<String> refusal(EngineInfo info);

    /// Why it cannot lower oom_score_adj; empty when it can.
    Optional<String> oomNote() throws DockerException, InterruptedException;
  }
}
