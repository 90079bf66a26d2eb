package dev.jubelet.kubelet.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// Pins every key, every default and every deviation from upstream 1.37.
class DefaultsTest {
  /// Our few deviations: key, upstream's default, ours.
  private static final List<List<String>> DEVIATIONS = List.of(
      List.of("failCgroupV1", "true", "false"),
      List.of("containerRuntimeEndpoint", "unix:///run/containerd/containerd.sock", ""));

  private static final String UPSTREAM = """
      address=0.0.0.0
      authentication.anonymous.enabled=false
      authentication.webhook.cacheTTL=2m
      authentication.webhook.enabled=true
      authorization.mode=Webhook
      authorization.webhook.cacheAuthorizedTTL=5m
      authorization.webhook.cacheUnauthorizedTTL=30s
      cgroupDriver=cgroupfs
      cgroupsPerQOS=true
      configMapAndSecretChangeDetectionStrategy=Watch
      containerLogMaxFiles=5
      containerLogMaxSize=10Mi
      containerLogMaxWorkers=1
      containerLogMonitorInterval=10s
      containerRuntimeEndpoint=unix:///run/containerd/containerd.sock
      contentType=application/vnd.kubernetes.protobuf
      cpuCFSQuota=true
      cpuCFSQuotaPeriod=100ms
      cpuManagerPolicy=none
      cpuManagerReconcilePeriod=10s
      crashLoopBackOff.maxContainerRestartPeriod=300s
      enableContentionProfiling=false
      enableControllerAttachDetach=true
      enableDebugFlagsHandler=true
      enableDebuggingHandlers=true
      enableProfilingHandler=true
      enableServer=true
      enableSystemLogHandler=true
      enableSystemLogQuery=false
      enforceNodeAllocatable=["pods"]
      eventBurst=100
      eventRecordQPS=50
      evictionHard={"imagefs.available":"15%","memory.available":"100Mi","nodefs.available":"10%","nodefs.inodesFree":"5%"}
      evictionMaxPodGracePeriod=0
      evictionPressureTransitionPeriod=5m
      failCgroupV1=true
      failSwapOn=true
      fileCheckFrequency=20s
      hairpinMode=promiscuous-bridge
      healthzBindAddress=127.0.0.1
      healthzPort=10248
      httpCheckFrequency=20s
      imageGCHighThresholdPercent=85
      imageGCLowThresholdPercent=80
      imageMaximumGCAge=0s
      imageMinimumGCAge=2m
      imagePullCredentialsVerificationPolicy=NeverVerifyPreloadedImages
      iptablesDropBit=15
      iptablesMasqueradeBit=14
      kernelMemcgNotification=false
      kubeAPIBurst=100
      kubeAPIQPS=50
      localStorageCapacityIsolation=true
      logging.flushFrequency=5s
      logging.format=text
      logging.options.json.infoBufferSize=0
      logging.options.json.splitStream=false
      logging.options.text.infoBufferSize=0
      logging.options.text.splitStream=false
      logging.sanitization=false
      logging.verbosity=0
      makeIPTablesUtilChains=true
      maxOpenFiles=1000000
      maxPods=110
      memoryManagerPolicy=None
      memoryReservationPolicy=None
      mergeDefaultEvictionSettings=false
      nodeLeaseDurationSeconds=40
      nodeStatusMaxImages=50
      nodeStatusReportFrequency=5m
      nodeStatusUpdateFrequency=10s
      oomScoreAdj=-999
      podLogsDir=/var/log/pods
      podPidsLimit=-1
      podsPerCore=0
      port=10250
      protectKernelDefaults=false
      readOnlyPort=0
      registerNode=true
      registryBurst=10
      registryPullQPS=5
      resolvConf=/etc/resolv.conf
      rotateCertificates=false
      runOnce=false
      runtimeRequestTimeout=2m
      seccompDefault=false
      serializeImagePulls=true
      serverTLSBootstrap=false
      shutdownGracePeriod=0s
      shutdownGracePeriodCriticalPods=0s
      streamingConnectionIdleTimeout=4h
      syncFrequency=1m
      topologyManagerPolicy=none
      topologyManagerScope=container
      userNamespaces.idsPerPod=65536
      volumePluginDir=/usr/libexec/kubernetes/kubelet-plugins/volume/exec/
      volumeStatsAggPeriod=1m
      """;

  private static final String WITHOUT_DEFAULT = """
      allowedUnsafeSysctls authentication.x509.clientCAFile cgroupRoot clusterDNS clusterDomain
      containerRuntimeEndpoint cpuManagerPolicyOptions defaultPodSysctls evictionMinimumReclaim
      evictionSoft evictionSoftGracePeriod featureGates imageServiceEndpoint kubeReserved
      kubeReservedCgroup kubeletCgroups logging.vmodule maxParallelImagePulls
      memorySwap.swapBehavior memoryThrottlingFactor podCIDR preloadedImagesVerificationAllowlist
      providerID qosReserved registerWithTaints reservedMemory reservedSystemCPUs
      showHiddenMetricsForVersion shutdownGracePeriodByPodPriority singleProcessOOMKill
      staticPodPath staticPodURL staticPodURLHeader systemCgroups systemReserved
      systemReservedCgroup tlsCertFile tlsCipherSuites tlsCurvePreferences tlsMinVersion
      tlsPrivateKeyFile topologyManagerPolicyOptions tracing.endpoint
      tracing.samplingRatePerMillion
      """;

  private final SortedMap<String, Tables.Key> keys = Tables.keys();

  @Test
  void defaultsAreUpstreamsButForTheDeviations() {
    Map<String, String> expected = new TreeMap<>();
    UPSTREAM.lines().forEach(l -> expected.put(l.split("=", 2)[0], l.split("=", 2)[1]));
    for (List<String> deviation : DEVIATIONS) {
      assertThat(expected.remove(deviation.get(0))).isEqualTo(deviation.get(1));
      if (!deviation.get(2).isEmpty()) {
        expected.put(deviation.get(0), deviation.get(2));
      }
    }
    assertThat(new Effective(keys, Map.of(), Map.of()).asText()).isEqualTo(expected);
  }

  @Test
  void everyOtherKeyIsKnownAndUnset() {
    List<String> unset = new ArrayList<>();
    keys.forEach((path, key) -> {
      if (key.whenUnset().isEmpty()) {
        unset.add(path);
      }
    });
    assertThat(unset).containsExactlyInAnyOrder(WITHOUT_DEFAULT.strip().split("\\s+"));
  }

  @Test
  void everyFlagHasATypeThatItsKeyTakes() {
    Map<String, Tables.Flag> flags = Tables.flags(keys);
    assertThat(flags).hasSizeGreaterThan(200);
    Map<String, String> odd = new LinkedHashMap<>();
    flags
        .values()
        .forEach(flag -> flag.key()
            .filter(key -> !same(key.type(), flag.type()))
            .ifPresent(key -> odd.put(flag.name(), key.path())));
    assertThat(odd).isEmpty();
  }

  private static boolean same(ValueType key, ValueType flag) {
    return key.equals(flag)
        || (key.kind() == ValueType.Kind.MAP && flag.kind() == ValueType.Kind.LANGLES);
  }
}
