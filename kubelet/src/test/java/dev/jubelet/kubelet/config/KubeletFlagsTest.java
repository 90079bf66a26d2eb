package dev.jubelet.kubelet.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KubeletFlagsTest {
  private static final String HEAD =
      "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n";

  @TempDir
  Path dir;

  private static KubeletSettings parse(String... args) {
    try {
      return KubeletFlags.parse(args);
    } catch (ConfigException e) {
      throw new AssertionError(e.problems().toString(), e);
    }
  }

  private static List<String> problems(String... args) {
    try {
      KubeletFlags.parse(args);
      return List.of();
    } catch (ConfigException e) {
      return e.problems();
    }
  }

  private Path config(String name, String body) throws IOException {
    return Files.writeString(dir.resolve(name), HEAD + body);
  }

  @Test
  void withoutArgumentsEverythingHasItsDefault() {
    KubeletSettings settings = parse();
    assertThat(settings.rootDir()).isEqualTo(Path.of("/var/lib/kubelet"));
    assertThat(settings.nodeName()).isNotEmpty();
    assertThat(settings.dockershim().embedded()).isTrue();
    assertThat(settings.dockershim().listen()).isEmpty();
    assertThat(settings.dockershim().cniConfDir()).isEqualTo(Path.of("/etc/cni/net.d"));
    assertThat(settings.dockershim().cniBinDirs())
        .containsExactly(Path.of("/opt/cni/bin"), Path.of("/usr/lib/cni"));
    assertThat(settings.garbage())
        .isEqualTo(new KubeletSettings.DeadContainers(Duration.ZERO, 1, -1));
    assertThat(settings.verbosity()).isZero();
    assertThat(settings.warnings()).isEmpty();
  }

  @Test
  void flagsInAllTheirForms() {
    KubeletSettings settings = parse(
        "--pod-manifest-path=/m",
        "--root-dir",
        "/r",
        "--hostname-override=Node-A",
        "--fail-swap-on=false",
        "--seccomp-default",
        "--read_only_port=10255",
        "-v=4",
        "--cluster-dns=10.0.0.1,10.0.0.2",
        "--cluster-dns=10.0.0.3",
        "--manifest-url=http://h/p",
        "--manifest-url-header=a:1,b:2",
        "--manifest-url-header",
        "a:3",
        "--node-ip=10.0.0.9",
        "--max-pods=1",
        "--max-pods=7");
    KubeletConfiguration config = settings.configuration();
    assertThat(config.staticPods().staticPodPath()).contains("/m");
    assertThat(config.staticPods().staticPodURL()).contains("http://h/p");
    assertThat(config.staticPods().staticPodURLHeader())
        .isEqualTo(Map.of("a", List.of("1", "3"), "b", List.of("2")));
    assertThat(settings.rootDir()).isEqualTo(Path.of("/r"));
    assertThat(settings.nodeName()).isEqualTo("node-a");
    assertThat(config.cgroups().failSwapOn()).isFalse();
    assertThat(config.pods().seccompDefault()).isTrue();
    assertThat(config.pods().maxPods()).isEqualTo(7);
    assertThat(config.servers().readOnlyPort()).isEqualTo(10255);
    assertThat(config.dns().clusterDNS()).containsExactly("10.0.0.1", "10.0.0.2", "10.0.0.3");
    assertThat(settings.verbosity()).isEqualTo(4);
    assertThat(settings.nodeIps()).containsExactly("10.0.0.9");
    assertThat(settings.warnings()).isEmpty();
  }

  @Test
  void logsPullsAndDeadContainers() {
    KubeletSettings settings = parse(
        "--container-log-max-size=1536Ki",
        "--container-log-max-files=3",
        "--registry-qps=0",
        "--registry-burst=7",
        "--pods-per-core=10",
        "--maximum-dead-containers=20");
    assertThat(settings.configuration().logs())
        .isEqualTo(new KubeletConfiguration.Logs(1536 * 1024, 3, 1, Duration.ofSeconds(10)));
    assertThat(settings.configuration().images().registryPullQPS()).isZero();
    assertThat(settings.configuration().images().registryBurst()).isEqualTo(7);
    assertThat(settings.configuration().pods().capacity(2)).isEqualTo(20);
    assertThat(settings.configuration().pods().capacity(64)).isEqualTo(110);
    assertThat(parse().configuration().pods().capacity(1)).isEqualTo(110);
    assertThat(settings.garbage())
        .isEqualTo(new KubeletSettings.DeadContainers(Duration.ZERO, 1, 20));
    assertThat(parse("--container-log-max-size=-1").configuration().logs().containerLogMaxSize())
        .isNegative();
  }

  @Test
  void theShimsFlagsOf117() {
    KubeletSettings.Dockershim shim = parse(
            "--network-plugin=cni",
            "--cni-conf-dir=/c",
            "--cni-bin-dir=/a,/b",
            "--cni-cache-dir=/k",
            "--docker-endpoint=unix:///d.sock",
            "--pod-infra-container-image=pause:3",
            "--experimental-dockershim-root-directory=/s",
            "--image-pull-progress-deadline=2m",
            "--container-runtime=docker",
            "--container-runtime-endpoint=unix:///var/run/dockershim.sock")
        .dockershim();
    assertThat(shim.embedded()).isTrue();
    assertThat(shim.listen()).contains("unix:///var/run/dockershim.sock");
    assertThat(shim.networkPlugin()).isEqualTo("cni");
    assertThat(shim.cniBinDirs()).containsExactly(Path.of("/a"), Path.of("/b"));
    assertThat(shim.cniCacheDir()).isEqualTo(Path.of("/k"));
    assertThat(shim.podInfraContainerImage()).isEqualTo("pause:3");
    assertThat(shim.rootDirectory()).isEqualTo(Path.of("/s"));
    assertThat(shim.imagePullProgressDeadline()).isEqualTo(Duration.ofMinutes(2));
  }

  @Test
  void anotherRuntimesEndpointSwitchesTheShimOff() {
    KubeletSettings settings = parse("--container-runtime-endpoint=unix:///c.sock");
    assertThat(settings.dockershim().embedded()).isFalse();
    assertThat(settings.configuration().runtime().imageServiceEndpoint())
        .isEqualTo("unix:///c.sock");
    assertThat(problems("--container-runtime=remote"))
        .containsExactly("--container-runtime=remote needs --container-runtime-endpoint");
  }

  @Test
  void allProblemsAreNamedAtOnce() throws IOException {
    Path file = config(
        "k.yaml", "maxPodz: 5\nhealthzPort: 99999\nlogging: {verbosty: 1}\nfailSwapOn: 'no'\n");
    assertThat(problems(
            "--config=" + file,
            "--network-plugn=cni",
            "--pod-manifest-path",
            "/a",
            "-root-dir=/x",
            "stray",
            "--max-pods=many",
            "--fail-swap-on",
            "false",
            "--sync-frequency=5",
            "--cgroup-driver=none",
            "--root-dir"))
        .containsExactlyInAnyOrder(
            file + ": maxPodz: unknown key: did you mean maxPods?",
            file + ": logging.verbosty: unknown key: did you mean logging.verbosity?",
            file + ": healthzPort: must be a whole number between 0 and 65535, inclusive, is 99999",
            file + ": failSwapOn: must be true or false, is \"no\"",
            "--network-plugn: unknown flag: did you mean --network-plugin?",
            "-root-dir=/x: write it with two dashes: --root-dir=/x",
            "\"stray\": unknown argument: only flags are taken",
            "--max-pods: must be a whole number between 0 and 2147483647, inclusive, is \"many\"",
            "\"false\": unknown argument: a boolean flag takes its value behind a sign: --flag=false",
            "--sync-frequency: must be a duration such as 20s, 1m30s or 100ms, is \"5\"",
            "--cgroup-driver: must be one of cgroupfs, systemd, is \"none\"",
            "--root-dir: needs a value: write --root-dir=VALUE");
  }

  @Test
  void aFlagBeatsTheDirectoryBeatsTheFile() throws IOException {
    Path file = config(
        "k.yaml",
        "maxPods: 1\nhealthzPort: 1\nclusterDomain: a\nclusterDNS: [10.0.0.1, 10.0.0.2]\nstaticPodURLHeader: {a: [x], b: [w]}\n");
    Path conf = Files.createDirectory(dir.resolve("conf"));
    Files.writeString(conf.resolve("20.conf"), HEAD + "healthzPort: 3\nclusterDNS: [10.0.0.3]\n");
    Files.writeString(
        conf.resolve("10.conf"),
        HEAD + "maxPods: 2\nhealthzPort: 2\nstaticPodURLHeader: {b: [z]}\n");
    Files.writeString(conf.resolve("ignored.yaml"), "nonsense");
    KubeletConfiguration config =
        parse("--config=" + file, "--config-dir=" + conf, "--max-pods=4").configuration();
    assertThat(config.pods().maxPods()).isEqualTo(4);
    assertThat(config.servers().healthzPort()).isEqualTo(3);
    assertThat(config.dns().clusterDomain()).isEqualTo("a");
    assertThat(config.dns().clusterDNS()).containsExactly("10.0.0.3");
    assertThat(config.staticPods().staticPodURLHeader())
        .isEqualTo(Map.of("a", List.of("x"), "b", List.of("z")));
  }

  @Test
  void anExplicitZeroOfAFlagCountsAndOneOfAFileOnlyWhereUpstreamsDoes() throws IOException {
    Path file = config("k.yaml", "maxPods: 0\nhealthzPort: 0\nresolvConf: ''\n");
    KubeletConfiguration config = parse("--config=" + file).configuration();
    assertThat(config.pods().maxPods()).isEqualTo(110);
    assertThat(config.servers().healthzPort()).isZero();
    assertThat(config.dns().resolvConf()).isEmpty();
    assertThat(parse("--config=" + file, "--max-pods=0").configuration().pods().maxPods())
        .isZero();
  }

  @Test
  void aStockKubeadmFileStarts() throws URISyntaxException {
    Path file =
        Path.of(Objects.requireNonNull(getClass().getResource("kubeadm.yaml")).toURI());
    KubeletSettings settings = parse(
        "--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf",
        "--kubeconfig=/etc/kubernetes/kubelet.conf",
        "--config=" + file,
        "--pod-infra-container-image=registry.k8s.io/pause:3.10");
    KubeletConfiguration config = settings.configuration();
    assertThat(config.staticPods().staticPodPath()).contains("/etc/kubernetes/manifests");
    assertThat(config.staticPods().fileCheckFrequency()).isEqualTo(Duration.ofSeconds(20));
    assertThat(config.pods().syncFrequency()).isEqualTo(Duration.ofMinutes(1));
    assertThat(config.runtime().runtimeRequestTimeout()).isEqualTo(Duration.ofMinutes(2));
    assertThat(settings.dockershim().embedded()).isTrue();
    assertThat(settings.warnings())
        .containsExactly(
            "accepted but not built yet, so without effect: --bootstrap-kubeconfig, --kubeconfig,"
                + " authentication.anonymous.enabled, authentication.webhook.enabled,"
                + " authentication.x509.clientCAFile, authorization.mode, cgroupDriver,"
                + " rotateCertificates");
  }

  @Test
  void whatHasNoEffectIsNamedOnce() {
    assertThat(parse("--logtostderr=true", "--register-node=true", "--docker-root=/x")
            .warnings())
        .containsExactly(
            "accepted but not built yet, so without effect: --register-node",
            "accepted, without effect on this node: --logtostderr, --docker-root");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--image-gc-low-threshold=90 | imageGCLowThresholdPercent",
        "--cpu-cfs-quota-period=2s | cpuCFSQuotaPeriod (--cpu-cfs-quota-period) must be between 0.001s and 1s",
        "--cgroups-per-qos=false | cgroupsPerQOS (--cgroups-per-qos) must be true",
        "--enforce-node-allocatable=all | \"all\" is none of",
        "--enforce-node-allocatable=kube-reserved | kubeReservedCgroup must be set",
        "--manifest-url=ftp://x | staticPodURL (--manifest-url) must be an http",
        "--container-runtime-endpoint=tcp://x | containerRuntimeEndpoint (--container-runtime-endpoint) must be a unix socket",
        "--cluster-dns=dns | clusterDNS (--cluster-dns) must be an IP address",
        "--allowed-unsafe-sysctls=vm.* | allowedUnsafeSysctls (--allowed-unsafe-sysctls)",
        "--file-check-frequency=0s | must be above zero",
        "--system-cgroups=/s | systemCgroups (--system-cgroups) needs",
        "--reserved-cpus=0 --system-reserved-cgroup=/s | reservedSystemCPUs"
      })
  void rulesBetweenKeys(String args, String problem) {
    assertThat(problems(args.strip().split(" "))).anyMatch(p -> p.contains(problem));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "maxParallelImagePulls: 2\\nserializeImagePulls: true | maxParallelImagePulls cannot be larger",
        "crashLoopBackOff: {maxContainerRestartPeriod: 10m} | between 1s and 5m",
        "podLogsDir: var/log | podLogsDir must be an absolute",
        "shutdownGracePeriodCriticalPods: 5s | shutdownGracePeriodCriticalPods must be at most",
        "userNamespaces: {idsPerPod: 5} | multiple of 65536",
        "imageMaximumGCAge: 1s | imageMaximumGCAge must be greater",
        "maxPods: 1\\nmaxPods: 2 | given twice",
        "authentication: x | authentication: must be a mapping",
        "evictionHard: {memory.available: 5} | must map names to strings"
      })
  void rulesOfFiles(String body, String problem) throws IOException {
    Path file = config("k.yaml", body.replace("\\n", "\n") + "\n");
    assertThat(problems("--config=" + file)).anyMatch(p -> p.contains(problem));
  }

  @Test
  void parallelPullsSwitchSerialOnesOff() throws IOException {
    Path file = config("k.yaml", "maxParallelImagePulls: 3\n");
    KubeletConfiguration.Images images =
        parse("--config=" + file).configuration().images();
    assertThat(images.serializeImagePulls()).isFalse();
    assertThat(images.maxParallelImagePulls()).hasValue(3);
  }

  @Test
  void filesThatAreNoneAreNamed() throws IOException {
    assertThat(problems("--config=/nowhere"))
        .containsExactly("/nowhere: cannot be read: no such file");
    assertThat(problems("--config-dir=/nowhere"))
        .hasSize(1)
        .first()
        .asString()
        .contains("/nowhere");
    Path pod = Files.writeString(dir.resolve("pod.yaml"), "kind: Pod\n");
    assertThat(problems("--config=" + pod))
        .containsExactly(pod
            + ": must begin with apiVersion: kubelet.config.k8s.io/v1beta1 and kind:"
            + " KubeletConfiguration");
  }

  @Test
  void aBadNodeNameIsRefused() {
    assertThat(problems("--hostname-override=a/b"))
        .hasSize(1)
        .first()
        .asString()
        .contains("a/b");
  }

  @Test
  void helpAndVersion() {
    assertThat(parse("--help").help()).isTrue();
    assertThat(parse("-h").help()).isTrue();
    assertThat(parse("--version").version()).contains("true");
    assertThat(parse("--version=raw").version()).contains("raw");
    assertThat(parse("--version=false").version()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"1h2m3.5s,PT1H2M3.5S", "100ms,PT0.1S", "0,PT0S", "1.5us,PT0.0000015S", "-1s,PT-1S"})
  void durationsAreGos(String text, String iso) {
    assertThat(GoDuration.parse(text)).isEqualTo(Duration.parse(iso));
  }

  @ParameterizedTest
  @CsvSource({"5", "1d", "s", "1 s", "999999999999h", "''"})
  void othersAreNoDurations(String text) {
    assertThatThrownBy(() -> GoDuration.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }
}
