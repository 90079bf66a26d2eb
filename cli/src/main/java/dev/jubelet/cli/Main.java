package dev.jubelet.cli;

import dev.jubelet.cli.bench.BenchCommand;
import dev.jubelet.cli.doctor.DoctorCommand;
import dev.jubelet.cli.look.ExecCommand;
import dev.jubelet.cli.look.LogsCommand;
import dev.jubelet.cli.look.PsCommand;
import dev.jubelet.cli.look.TraceCommand;
import dev.jubelet.cli.look.WhyCommand;
import dev.jubelet.cli.run.RmCommand;
import dev.jubelet.cli.run.RunCommand;
import dev.jubelet.cli.wiring.BackgroundAgent;
import dev.jubelet.cli.wiring.DockershimProcess;
import dev.jubelet.cli.wiring.NodeProcess;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;

/// The program. The long-running roles have upstream's flags and are started without picocli.
public final class Main {
  private Main() {}

  public static void main(String[] args) throws InterruptedException {
    System.exit(run(args));
  }

  private static int run(String[] args) throws InterruptedException {
    String called = Objects.requireNonNullElse(System.getenv("JUBELET_CALLED_AS"), "jubelet");
    try {
      return switch (called) {
        case "kubelet" -> NodeProcess.run(args);
        case "cri-dockerd" -> DockershimProcess.runAsCriDockerd(args);
        default -> command(args);
      };
    } catch (Failure e) {
      return fail(e);
    } catch (IOException e) {
      System.err.println("jubelet: " + text(e));
      return 1;
    }
  }

  private static int command(String[] args) throws Failure, IOException, InterruptedException {
    String[] rest = args.length == 0 ? args : Arrays.copyOfRange(args, 1, args.length);
    return switch (args.length == 0 ? "help" : args[0]) {
      case "node" -> NodeProcess.run(rest);
      case "dockershim" -> DockershimProcess.run(rest);
      case BackgroundAgent.COMMAND -> BackgroundAgent.run(rest);
      default -> picocli().execute(args.length == 0 ? new String[] {"help"} : args);
    };
  }

  private static CommandLine picocli() {
    return new CommandLine(new Commands())
        .setExecutionExceptionHandler((e, _, _) -> explain(e))
        .setUsageHelpLongOptionsMaxWidth(30);
  }

  private static int explain(Exception e) {
    return switch (e) {
      case Failure failure -> fail(failure);
      case StatusRuntimeException status -> {
        String text = status.getStatus().getDescription();
        System.err.println("jubelet: " + Objects.requireNonNullElse(text, text(status)));
        yield 1;
      }
      case IOException io -> {
        System.err.println("jubelet: " + text(io));
        yield 1;
      }
      default -> {
        e.printStackTrace();
        yield 1;
      }
    };
  }

  private static int fail(Failure failure) {
    failure.text().lines().forEach(line -> System.err.println("jubelet: " + line));
    return failure.exitCode();
  }

  private static String text(Exception e) {
    return Objects.requireNonNullElse(e.getMessage(), e.toString());
  }

  /// What `help` shows.
  @Command(
      name = "jubelet",
      description = {
        "Runs Kubernetes pods on Docker, and shows what each is doing.",
        "",
      },
      synopsisSubcommandLabel = "COMMAND",
      footer = {
        "",
        "Long-running roles, with the flags of the programs that they stand beside:",
        "  node        the node agent (the kubelet's flags and KubeletConfiguration)",
        "  dockershim  the CRI runtime for Docker (cri-dockerd's flags)",
        "",
        "Also: setup (what this machine lacks), service (node or dockershim under systemd);",
        "of a checkout: test, dist.",
        "'jubelet help COMMAND' tells more.",
      },
      subcommands = {
        RunCommand.class,
        RmCommand.class,
        PsCommand.class,
        LogsCommand.class,
        ExecCommand.class,
        TraceCommand.class,
        WhyCommand.class,
        DoctorCommand.class,
        BenchCommand.class,
        VersionCommand.class,
        HelpCommand.class,
      })
  private static final class Commands implements Runnable {
    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

    @Override
    public void run() {
      throw new CommandLine.ParameterException(spec.commandLine(), "name a command");
    }
  }
}
