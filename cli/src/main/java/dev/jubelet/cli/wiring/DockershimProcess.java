package dev.jubelet.cli.wiring;

import dev.jubelet.cli.Failure;
import dev.jubelet.cli.Version;
import dev.jubelet.cli.log.AgentLog;
import dev.jubelet.dockershim.Dockershim;
import dev.jubelet.dockershim.DockershimConfig;
import dev.jubelet.dockershim.DockershimFlags;
import dev.jubelet.linux.OomScoreAdj;
import dev.jubelet.trace.Recorder;
import dev.jubelet.trace.local.LocalSockets;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// `jubelet dockershim`: the CRI runtime alone.
public final class DockershimProcess {
  private static final Logger LOG = LoggerFactory.getLogger(DockershimProcess.class);
  private static final int PODS = 250;
  private static final int SPANS_PER_POD = 500;

  /// As dockershim's in a kubelet's process.
  private static final int OOM_SCORE_ADJ = -999;

  private DockershimProcess() {}

  public static int run(String[] args) throws Failure, IOException, InterruptedException {
    try {
      return run(DockershimFlags.parse(args));
    } catch (DockershimFlags.FlagException e) {
      throw Failure.usage(String.join("\n", e.problems()));
    }
  }

  /// With cri-dockerd's defaults.
  public static int runAsCriDockerd(String[] args)
      throws Failure, IOException, InterruptedException {
    try {
      return run(DockershimFlags.parseAsCriDockerd(args));
    } catch (DockershimFlags.FlagException e) {
      throw Failure.usage(String.join("\n", e.problems()));
    }
  }

  private static int run(DockershimFlags flags) throws IOException, InterruptedException {
    return switch (flags.action()) {
      case HELP -> {
        System.out.print("jubelet dockershim [FLAG]...\n\n" + DockershimFlags.help());
        yield 0;
      }
      case VERSION -> {
        System.out.println("jubelet dockershim " + Version.text());
        yield 0;
      }
      case RESTORE_LOG_LINKS -> {
        Dockershim.restoreLogLinks(flags.config()).forEach(System.out::println);
        yield 0;
      }
      case RUN -> serve(flags);
    };
  }

  private static int serve(DockershimFlags flags) throws IOException, InterruptedException {
    AgentLog.toStderr(verbosity(flags.logLevel()));
    flags.warnings().forEach(LOG::warn);
    OomScoreAdj.set(OOM_SCORE_ADJ);
    EndSignal end = new EndSignal();
    DockershimConfig config = flags.config();
    if (config.localSocket().isEmpty()) {
      config =
          config.withLocalSocket(LocalSockets.ofHost().shim(SocketName.of(config.rootDirectory())));
    }
    try (Recorder recorder = new Recorder(PODS, SPANS_PER_POD);
        HeapReturn _ = new HeapReturn(recorder.store());
        Dockershim _ = Dockershim.start(config, recorder);
        Supervised _ = Supervised.ready()) {
      end.await();
      LOG.info("Ending, containers run on");
    }
    return 0;
  }

  /// logrus' levels of cri-dockerd as klog's numbers; `error` and `warn` show no less than info.
  private static int verbosity(String level) {
    return switch (level) {
      case "trace" -> 6;
      case "debug" -> 4;
      default -> 0;
    };
  }
}
