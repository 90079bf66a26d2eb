package dev.jubelet.cli.doctor;

import dev.jubelet.cli.Failure;
import dev.jubelet.dockershim.docker.DockerApi;
import dev.jubelet.dockershim.docker.DockerApiOptions;
import dev.jubelet.dockershim.docker.DockerEndpoint;
import dev.jubelet.dockershim.docker.DockerException;
import dev.jubelet.dockershim.docker.HttpDockerApi;
import dev.jubelet.dockershim.network.NetworkException;
import dev.jubelet.dockershim.network.NetworkSurvey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `jubelet doctor`.
@Command(
    name = "doctor",
    description = "Says what on this machine will hurt pods; with --leaks, what pods left behind.",
    footer = {
      "",
      "Exit code 1: pods would stop (with --leaks: something leaks, or a part of a pod is missing).",
      "2: wrong usage, or the machine cannot be looked at."
    })
public final class DoctorCommand implements Callable<Integer> {
  private static final Duration ENGINE = Duration.ofSeconds(20);
  private static final Duration BETWEEN = Duration.ofSeconds(1);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @Mixin
  private final DoctorOptions options = new DoctorOptions();

  @Option(
      names = "--leaks",
      description = "lists what belongs to no pod, what pods lack, and what is not ours")
  private boolean leaks;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "text|json",
      defaultValue = "text")
  private String output = "";

  @Override
  public Integer call() throws Exception {
    if (!List.of("text", "json").contains(output)) {
      throw Failure.usage("-o \"" + output + "\" must be text or json");
    }
    requireRoot();
    DockerEndpoint endpoint = endpoint();
    DockerApiOptions bounded = DockerApiOptions.timeout(ENGINE);
    try (DockerApi docker = new HttpDockerApi(endpoint.socket(), bounded)) {
      return leaks ? leaks(docker, endpoint) : examine(docker, endpoint);
    }
  }

  private int examine(DockerApi docker, DockerEndpoint endpoint)
      throws IOException, InterruptedException {
    List<Advice> advice = Examination.of(new MachineFacts(docker, endpoint, options).find());
    System.out.print(output.equals("json") ? Report.json(advice) : Report.text(advice));
    return advice.stream().anyMatch(one -> one.level() == Advice.Level.PROBLEM) ? 1 : 0;
  }

  private int leaks(DockerApi docker, DockerEndpoint endpoint) throws Exception {
    NetworkSurvey network = new NetworkSurvey(options.cniConfDir(), options.cniCacheDir());
    Looks looks = new Looks(
        new MachineLook(docker, network, options.places()),
        options.given(endpoint.socket()),
        () -> {
          Thread.sleep(BETWEEN);
          return BETWEEN;
        },
        PATIENCE);
    try {
      Looks.Result result = looks.findings();
      System.out.print(output.equals("json") ? Report.json(result) : Report.text(result));
      return result.trouble() ? 1 : 0;
    } catch (DockerException | NetworkException | IOException e) {
      throw Failure.usage("the machine cannot be looked at: " + e.getMessage());
    }
  }

  private static void requireRoot() throws Failure, IOException {
    if (!Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"))) {
      throw Failure.usage("doctor looks at what only root may read: use root");
    }
  }

  private DockerEndpoint endpoint() throws Failure {
    Path home = Path.of(System.getProperty("user.home", "/root"));
    try {
      return DockerEndpoint.resolve(options.dockerEndpoint(), System.getenv(), home);
    } catch (DockerEndpoint.RemoteException e) {
      throw Failure.usage(String.valueOf(e.getMessage()));
    }
  }
}
