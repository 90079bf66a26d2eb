package dev.jubelet.cli.look;

import dev.jubelet.cli.Failure;
import dev.jubelet.cri.CriChannel;
import dev.jubelet.cri.v1.ExecSyncRequest;
import dev.jubelet.cri.v1.ExecSyncResponse;
import dev.jubelet.cri.v1.RuntimeServiceGrpc;
import dev.jubelet.cri.v1.RuntimeServiceGrpc.RuntimeServiceBlockingStub;
import dev.jubelet.trace.Recorder;
import dev.jubelet.trace.local.v1.ContainerSummary;
import dev.jubelet.trace.local.v1.PodSummary;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `jubelet exec POD -- COMMAND`: runs to its end, then shows its output; no terminal, no input.
@Command(
    name = "exec",
    description = {
      "Runs a command in a container and shows its output when it has ended.",
      "There is no terminal and no standard input yet. The exit code is the command's.",
    })
public final class ExecCommand implements Callable<Integer> {

  /// As GNU timeout says it.
  private static final int TIMED_OUT = 124;

  @Parameters(index = "0", paramLabel = "POD", description = "name, namespace/name or uid")
  private String pod = "";

  @Parameters(index = "1..*", arity = "1..*", paramLabel = "COMMAND")
  private List<String> command = List.of();

  @Option(
      names = {"-c", "--container"},
      description = "needed when the pod has several")
  private String container = "";

  @Option(
      names = "--timeout",
      description = "seconds after which the command is killed (default: ${DEFAULT-VALUE})",
      defaultValue = "3600")
  private long timeoutSeconds = 3600;

  @Override
  public Integer call() throws Failure, IOException {
    Agents.Known<PodSummary> known = Agents.find().pod(pod);
    ContainerSummary target = Containers.choose(known.answer(), container);
    if (!target.getState().equals("running")) {
      throw Failure.of("container %s of %s is %s, not running"
          .formatted(target.getName(), known.answer().getName(), target.getState()));
    }
    try (Recorder unused = new Recorder(1, 1);
        CriChannel channel = CriChannel.open(known.agent().info().getCriEndpoint(), unused)) {
      return show(execute(channel, target.getContainerId()));
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() == Status.Code.DEADLINE_EXCEEDED) {
        System.err.println("jubelet: the command was killed after " + timeoutSeconds + " s");
        return TIMED_OUT;
      }
      throw e;
    }
  }

  private ExecSyncResponse execute(CriChannel channel, String id) {
    RuntimeServiceBlockingStub runtime = RuntimeServiceGrpc.newBlockingStub(channel.channel())
        .withDeadlineAfter(timeoutSeconds + 120, TimeUnit.SECONDS);
    return runtime.execSync(ExecSyncRequest.newBuilder()
        .setContainerId(id)
        .addAllCmd(command)
        .setTimeout(timeoutSeconds)
        .build());
  }

  private static int show(ExecSyncResponse answer) throws IOException {
    answer.getStdout().writeTo(System.out);
    System.out.flush();
    answer.getStderr().writeTo(System.err);
    return answer.getExitCode();
  }
}
