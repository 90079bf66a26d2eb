package dev.jubelet.dockershim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jubelet.dockershim.DockershimFlags.Action;
import dev.jubelet.dockershim.DockershimFlags.FlagException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DockershimFlagsTest {
  @Test
  void theDefaultsAreOurOwn() throws FlagException {
    DockershimFlags flags = parse();
    DockershimConfig config = flags.config();
    assertThat(flags.action()).isEqualTo(Action.RUN);
    assertThat(flags.warnings()).isEmpty();
    assertThat(flags.logLevel()).isEqualTo("info");
    assertThat(config.socket()).isEqualTo(Path.of("/run/jubelet/dockershim.sock"));
    assertThat(config.rootDirectory()).isEqualTo(Path.of("/var/lib/jubelet/dockershim"));
    assertThat(config.dockerEndpoint()).isEmpty();
    assertThat(config.sandboxImage()).isEmpty();
    assertThat(config.requestTimeout()).isEqualTo(Duration.ZERO);
    assertThat(config.pullIdle()).isEqualTo(Duration.ofMinutes(1));
    assertThat(config.adopt()).isFalse();
    assertThat(config.network().plugin()).isEqualTo("cni");
    assertThat(config.network().confDir()).isEqualTo(Path.of("/etc/cni/net.d"));
    assertThat(config.network().binDirs())
        .containsExactly(Path.of("/opt/cni/bin"), Path.of("/usr/lib/cni"));
    assertThat(config.network().cacheDir()).isEqualTo(Path.of("/var/lib/cni/cache"));
    assertThat(config.network().podCidr()).isEmpty();
  }

  @Test
  void underCriDockerdsNameItTakesItsPlace() throws FlagException {
    DockershimConfig config = DockershimFlags.parseAsCriDockerd(new String[0]).config();
    assertThat(config.socket()).isEqualTo(Path.of("/var/run/cri-dockerd.sock"));
    assertThat(config.rootDirectory()).isEqualTo(Path.of("/var/lib/cri-dockerd"));
    assertThat(config.adopt()).isTrue();
  }

  @Test
  void everyFlagHasItsEffect() throws FlagException {
    DockershimConfig config = parse(
            "--container-runtime-endpoint=unix:///s.sock",
            "--docker-endpoint",
            "unix:///d.sock",
            "--cri-dockerd-root-directory=/r",
            "--pod-infra-container-image=pause:3",
            "--image-pull-progress-deadline=1m30s",
            "--runtime-request-timeout=2m0.5s",
            "--network-plugin=cni",
            "--cni-conf-dir=/c",
            "--cni-bin-dir=/a,/b",
            "--cni-cache-dir=/k",
            "--pod-cidr=10.1.0.0/16",
            "--adopt")
        .config();
    assertThat(config.socket()).isEqualTo(Path.of("/s.sock"));
    assertThat(config.dockerEndpoint()).isEqualTo("unix:///d.sock");
    assertThat(config.rootDirectory()).isEqualTo(Path.of("/r"));
    assertThat(config.sandboxImage()).contains("pause:3");
    assertThat(config.pullIdle()).isEqualTo(Duration.ofSeconds(90));
    assertThat(config.requestTimeout()).isEqualTo(Duration.ofMillis(120_500));
    assertThat(config.network().confDir()).isEqualTo(Path.of("/c"));
    assertThat(config.network().binDirs()).isEqualTo(List.of(Path.of("/a"), Path.of("/b")));
    assertThat(config.network().cacheDir()).isEqualTo(Path.of("/k"));
    assertThat(config.network().podCidr()).isEqualTo("10.1.0.0/16");
    assertThat(config.adopt()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"cni,cni", "none,none", "docker,docker", "'',docker", "no-op,docker"})
  void networkPlugins(String given, String plugin) throws FlagException {
    assertThat(parse("--network-plugin=" + given).config().network().plugin()).isEqualTo(plugin);
  }

  @Test
  void theKubeletsNameForTheRootCounts() throws FlagException {
    DockershimConfig config =
        parse("--experimental-dockershim-root-directory=/var/lib/dockershim").config();
    assertThat(config.rootDirectory()).isEqualTo(Path.of("/var/lib/dockershim"));
    assertThat(config.adopt()).isTrue();
  }

  @Test
  void whatHasNoEffectIsWarnedOf() throws FlagException {
    assertThat(parse("--streaming-bind-addr=127.0.0.1", "--ipv6-dual-stack").warnings())
        .satisfiesExactly(
            w -> assertThat(w).contains("--ipv6-dual-stack"),
            w -> assertThat(w).contains("--streaming-bind-addr").contains("not built"));
  }

  @Test
  void everyProblemIsToldAtOnce() {
    assertThatThrownBy(() -> parse(
            "--network-plugins=cni",
            "--network-plugin=kubenet",
            "--container-runtime-endpoint=fd://",
            "--runtime-request-timeout=2 minutes",
            "--adopt=perhaps",
            "--log-level=loud",
            "word",
            "--pod-cidr"))
        .isInstanceOfSatisfying(
            FlagException.class,
            e -> assertThat(e.problems())
                .hasSize(8)
                .anySatisfy(p -> assertThat(p)
                    .contains("--network-plugins")
                    .contains("did you mean --network-plugin?"))
                .anySatisfy(p -> assertThat(p).contains("kubenet"))
                .anySatisfy(p -> assertThat(p).contains("fd://"))
                .anySatisfy(p -> assertThat(p).contains("runtime-request-timeout"))
                .anySatisfy(p -> assertThat(p).contains("adopt"))
                .anySatisfy(p -> assertThat(p).contains("loud"))
                .anySatisfy(p -> assertThat(p).contains("\"word\""))
                .anySatisfy(p -> assertThat(p).contains("--pod-cidr needs a value")));
  }

  @Test
  void helpAndVersion() throws FlagException {
    assertThat(parse("-h").action()).isEqualTo(Action.HELP);
    assertThat(parse("--version").action()).isEqualTo(Action.VERSION);
    assertThat(parse("--restore-log-links").action()).isEqualTo(Action.RESTORE_LOG_LINKS);
    assertThat(parse("--restore-log-links=false").action()).isEqualTo(Action.RUN);
    assertThat(DockershimFlags.help()).contains("--network-plugin", "--adopt");
  }

  private static DockershimFlags parse(String... args) throws FlagException {
    return DockershimFlags.parse(args);
  }
}
