package dev.jubelet.kubelet.server;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// `/healthz` on `healthzBindAddress:healthzPort` and nothing else: `ok`, or 500 with what is
/// wrong.
public final class HealthzServer implements AutoCloseable {
  private final PlainHttp http;

  /// @param port 0 for any free one (a configured 0 means not to start this at all)
  /// @param problems asked at each request; empty is healthy
  /// @throws PortTakenException naming who has the port
  public HealthzServer(String address, int port, Supplier<List<String>> problems)
      throws IOException {
    http = new PlainHttp(
        "healthz",
        address,
        port,
        "healthzPort",
        Map.of("/healthz", () -> health(problems)),
        Optional.empty());
  }

  public int port() {
    return http.port();
  }

  @Override
  public void close() {
    http.close();
  }

  static PlainHttp.Answer health(Supplier<List<String>> problems) {
    List<String> wrong = problems.get();
    if (wrong.isEmpty()) {
      return PlainHttp.Answer.text(200, "ok");
    }
    StringBuilder text = new StringBuilder();
    wrong.forEach(problem -> text.append("[-]").append(problem).append('\n'));
    return PlainHttp.Answer.text(500, text.append("healthz check failed\n").toString());
  }
}
