package dev.jubelet.kubelet;

import dev.jubelet.kubelet.config.KubeletSettings;
import dev.jubelet.trace.local.v1.InfoResponse;
import java.time.Instant;

/// How this agent introduces itself on the local socket.
final class AgentInfo {
  private AgentInfo() {}

  static InfoResponse of(KubeletSettings settings, KubeletOptions options) {
    Instant started = ProcessHandle.current().info().startInstant().orElseGet(Instant::now);
    return InfoResponse.newBuilder()
        .setRole("agent")
        .setPid(ProcessHandle.current().pid())
        .setVersion(options.version())
        .setCriEndpoint(options.runtimeEndpoint())
        .setRootDir(settings.rootDir().toString())
        .setNodeName(settings.nodeName())
        .setStartedAt(started.getEpochSecond() * 1_000_000_000L + started.getNano())
        .setLogFile(options.logFile().map(Object::toString).orElse(""))
        .setEphemeral(options.ephemeral())
        .build();
  }
}
