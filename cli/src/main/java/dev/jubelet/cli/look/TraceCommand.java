package dev.jubelet.cli.look;

import dev.jubelet.cli.Failure;
import dev.jubelet.cli.Terminal;
import dev.jubelet.trace.Waterfall;
import dev.jubelet.trace.local.v1.GetTraceResponse;
import dev.jubelet.trace.local.v1.PodRef;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `jubelet trace POD`.
@Command(
    name = "trace",
    description = "Shows where the time of a pod's latest start went, from manifest to process.")
public final class TraceCommand implements Callable<Integer> {
  private enum Format {
    text,
    json
  }

  @Parameters(paramLabel = "POD", description = "name, namespace/name or uid")
  private String pod = "";

  @Option(
      names = {"-o", "--output"},
      description = "text or json",
      defaultValue = "text")
  private Format format = Format.text;

  @Override
  public Integer call() throws Failure, IOException {
    PodRef reference = PodRef.newBuilder().setPod(pod).build();
    GetTraceResponse trace =
        Agents.find().ask(pod, stub -> stub.getTrace(reference)).answer();
    Waterfall waterfall = Waterfall.of(trace.getSpansList(), Instant.now());
    System.out.print(
        switch (format) {
          case json -> waterfall.json();
          case text -> waterfall.text(Terminal.width(120), ZoneId.systemDefault());
        });
    return 0;
  }
}
