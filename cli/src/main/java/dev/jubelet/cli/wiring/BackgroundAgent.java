package dev.jubelet.cli.wiring;

import dev.jubelet.cli.Failure;
import dev.jubelet.kubelet.config.KubeletSettings;
import dev.jubelet.linux.SdNotify;
import dev.jubelet.trace.local.LocalClient;
import dev.jubelet.trace.local.LocalSockets;
import dev.jubelet.trace.local.v1.ListPodsRequest;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The agent of `jubelet run` as a process of its own, which outlives the terminal and ends when it
/// has had no pods for a while.
public final class BackgroundAgent {

  /// Not for people: what [#spawn(List)] starts.
  public static final String COMMAND = "run-agent";

  private static final Logger LOG = LoggerFactory.getLogger(BackgroundAgent.class);
  private static final Duration START = Duration.ofSeconds(60);
  private static final Duration WITHOUT_PODS = Duration.ofSeconds(30);
  private static final Duration LOOK = Duration.ofSeconds(2);
  private static final Duration ANSWER = Duration.ofSeconds(10);

  private BackgroundAgent() {}

  /// Starts one with these kubelet flags and waits until it answers; gives the path of its log.
  public static Path spawn(List<String> flags) throws Failure, IOException, InterruptedException {
    KubeletSettings settings = RunAgent.settings(flags);
    Path log = RunAgent.logFile(settings);
    Files.createDirectories(settings.rootDir());
    Process process = new ProcessBuilder(command(flags))
        .redirectInput(new File("/dev/null"))
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
        .redirectErrorStream(true)
        .directory(new File("/"))
        .start();
    long end = System.nanoTime() + START.toNanos();
    while (System.nanoTime() < end) {
      if (LocalSockets.ask(LocalSockets.ofHost().run()).isPresent()) {
        return log;
      }
      if (process.waitFor(50, TimeUnit.MILLISECONDS)) {
        break;
      }
    }
    throw Failure.of("the agent did not start, its log says why: " + log);
  }

  /// A session of its own, so that the terminal's signals do not reach it.
  private static List<String> command(List<String> flags) {
    List<String> command = new ArrayList<>();
    command.add("setsid");
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.add("-cp");
    command.add(System.getProperty("java.class.path", ""));
    command.add("dev.jubelet.cli.Main");
    command.add(COMMAND);
    command.addAll(flags);
    return command;
  }

  /// Is that agent.
  public static int run(String[] flags) throws Failure, IOException, InterruptedException {
    KubeletSettings settings = RunAgent.settings(Arrays.asList(flags));
    EndSignal end = new EndSignal();
    try (Agent agent = RunAgent.start(settings, RunAgent.lock(settings));
        LocalClient self = LocalClient.open(agent.local())) {
      SdNotify.ready();
      waitForTheLastPod(self, end);
      LOG.info("Ending, {}", end.heard() ? "containers run on" : "there are no pods any more");
    }
    return 0;
  }

  private static void waitForTheLastPod(LocalClient self, EndSignal end)
      throws InterruptedException {
    long busy = System.nanoTime();
    while (System.nanoTime() - busy < WITHOUT_PODS.toNanos()) {
      if (end.await(LOOK)) {
        return;
      }
      if (self.within(ANSWER).listPods(ListPodsRequest.getDefaultInstance()).getPodsCount() > 0) {
        busy = System.nanoTime();
      }
    }
  }
}
