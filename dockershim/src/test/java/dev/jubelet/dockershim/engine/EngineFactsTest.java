package dev.jubelet.dockershim.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EngineFactsTest {
  @Test
  void oomScoresAreRaisedOnlyWhereTheEngineCannotLowerThem() {
    assertThat(facts("").oomScoreAdj(-998)).isEqualTo(-998);
    assertThat(facts("restricted").oomScoreAdj(-998)).isZero();
    assertThat(facts("restricted").oomScoreAdj(1000)).isEqualTo(1000);
    assertThat(facts("").oomScoreAdj(5000)).isEqualTo(1000);
  }

  @Test
  void mountsAreReadOnlyToTheirDepthsSinceBothEngineAndKernelCan() {
    assertThat(EngineFacts.recursiveReadOnly("1.44", "5.12.0-amd64")).isTrue();
    assertThat(EngineFacts.recursiveReadOnly("1.56", "6.1.0")).isTrue();
    assertThat(EngineFacts.recursiveReadOnly("1.43", "6.1.0")).isFalse();
    assertThat(EngineFacts.recursiveReadOnly("1.44", "5.10.0-28-amd64")).isFalse();
    assertThat(EngineFacts.recursiveReadOnly("1.44", "unknown")).isFalse();
  }

  @Test
  void theJsonFileIsWhereDockerPutsIt() {
    assertThat(facts("").jsonFile("abc")).hasToString("/docker/containers/abc/abc-json.log");
  }

  @Test
  void everyLogOptionIsSetForOurDriver() {
    LogOptions ours = LogOptions.of("json-file");
    assertThat(ours.driver()).isEqualTo("json-file");
    assertThat(ours.options())
        .containsOnly(
            entry("max-size", "4m"),
            entry("max-file", "5"),
            entry("compress", "false"),
            entry("mode", "blocking"),
            entry("labels", ""),
            entry("labels-regex", ""),
            entry("env", ""),
            entry("env-regex", ""),
            entry("tag", ""));
    assertThat(LogOptions.of("local")).isEqualTo(ours);
    assertThat(LogOptions.of("")).isEqualTo(ours);
    assertThat(LogOptions.ofSandbox()).isEqualTo(ours);
    assertThat(LogOptions.way("local")).isEqualTo("follow-file");
  }

  @Test
  void aSitesOwnLogDriverIsKeptWithItsOwnOptions() {
    assertThat(LogOptions.of("journald")).isEqualTo(new LogOptions("journald", Map.of()));
    assertThat(LogOptions.way("journald")).startsWith("engine-follow").contains("journald");
    assertThat(LogOptions.of("none")).isEqualTo(new LogOptions("none", Map.of()));
    assertThat(LogOptions.way("none")).startsWith("none");
  }

  private static EngineFacts facts(String note) {
    return new EngineFacts(
        "1",
        "1.41",
        "cgroupfs",
        false,
        "/docker",
        "json-file",
        false,
        false,
        note.isEmpty() ? Optional.empty() : Optional.of(note));
  }
}
