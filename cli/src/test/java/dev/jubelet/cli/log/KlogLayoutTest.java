package dev.jubelet.cli.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class KlogLayoutTest {
  private final LoggerContext context = new LoggerContext();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final Logger log = context.getLogger("dev.jubelet.dockershim.Dockershim");

  @BeforeEach
  void attach() {
    context.setMDCAdapter(new LogbackMDCAdapter());
    AgentLog.attach(context, out);
    context.getLogger("dev.jubelet").setLevel(Level.INFO);
  }

  @Test
  void aLineIsKlogs() {
    log.info("Setting cgroupDriver to {}", "systemd");
    assertThat(text())
        .matches("I\\d{4} \\d\\d:\\d\\d:\\d\\d\\.\\d{6} +\\d+ Dockershim] Setting cgroupDriver to"
            + " systemd\n");
  }

  @Test
  void whatTheWorldDoesToUsIsOneLine() {
    log.warn("Failed to pull", new IOException("refused\nby peer", new IOException("reset")));
    assertThat(text()).startsWith("W").endsWith("] Failed to pull: refused\\nby peer: reset\n");
  }

  @Test
  void bugsComeWithTheirStack() {
    log.error("Ended", new IllegalStateException("impossible"));
    assertThat(text()).startsWith("E").contains(": impossible\n").contains("KlogLayoutTest");
  }

  @Test
  void librariesAreHeardFromWarningsOn() {
    context.getLogger("io.grpc").info("chatter");
    context.getLogger("io.netty.bootstrap").warn("Unknown channel option 'SO_KEEPALIVE'");
    assertThat(text()).isEmpty();
  }

  @Test
  void verbosityIsUpstreams() {
    assertThat(AgentLog.level(0)).isEqualTo(Level.INFO);
    assertThat(AgentLog.level(4)).isEqualTo(Level.DEBUG);
    assertThat(AgentLog.level(10)).isEqualTo(Level.TRACE);
  }

  private String text() {
    return out.toString(StandardCharsets.UTF_8);
  }
}
