package dev.jubelet.cli.look;

import dev.jubelet.cli.Failure;
import dev.jubelet.trace.local.v1.EventLine;
import dev.jubelet.trace.local.v1.OpenStep;
import dev.jubelet.trace.local.v1.PodRef;
import dev.jubelet.trace.local.v1.WhyResponse;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `jubelet why POD`.
@Command(
    name = "why",
    description = "Says what a pod waits for: its step, since when, the next try, its events.")
public final class WhyCommand implements Callable<Integer> {
  private static final DateTimeFormatter CLOCK =
      DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT).withZone(ZoneId.systemDefault());

  @Parameters(paramLabel = "POD", description = "name, namespace/name or uid")
  private String pod = "";

  @Override
  public Integer call() throws Failure, IOException {
    PodRef reference = PodRef.newBuilder().setPod(pod).build();
    System.out.print(
        text(Agents.find().ask(pod, stub -> stub.why(reference)).answer(), Instant.now()));
    return 0;
  }

  static String text(WhyResponse why, Instant now) {
    StringBuilder text = new StringBuilder();
    text.append(why.getPod().getNamespace()).append('/').append(why.getPod().getName());
    text.append(" (").append(PodText.status(why.getPod())).append("): ");
    text.append(why.getAnswer()).append('\n');
    if (why.getSince() != 0) {
      text.append("  since     ").append(moment(why.getSince(), now)).append('\n');
    }
    if (why.getNextTry() != 0) {
      text.append("  next try  ").append(moment(why.getNextTry(), now)).append('\n');
    }
    if (!why.getLastError().isEmpty()) {
      text.append("  error     ").append(why.getLastError()).append('\n');
    }
    for (OpenStep step : why.getPod().getOpenStepsList()) {
      text.append("  step      ").append(step.getName());
      if (!step.getDetail().isEmpty()) {
        text.append(' ').append(step.getDetail());
      }
      text.append(", ").append(moment(step.getStartedAt(), now)).append('\n');
    }
    if (why.getEventsCount() > 0) {
      text.append("  events\n").append(PsCommand.table(events(why, now)).indent(4));
    }
    return text.toString();
  }

  private static List<List<String>> events(WhyResponse why, Instant now) {
    List<List<String>> rows = new ArrayList<>();
    for (EventLine event : why.getEventsList()) {
      String times = event.getCount() > 1 ? " (x" + event.getCount() + ")" : "";
      rows.add(List.of(
          PodText.age(Duration.between(PodText.instant(event.getLastSeen()), now)) + times,
          event.getType(),
          event.getReason(),
          event.getFieldPath(),
          event.getMessage().replace('\n', ' ')));
    }
    return rows;
  }

  private static String moment(long nanos, Instant now) {
    Instant at = PodText.instant(nanos);
    Duration away = Duration.between(at, now);
    return away.isNegative()
        ? CLOCK.format(at) + ", in " + PodText.age(away.negated())
        : CLOCK.format(at) + ", " + PodText.age(away) + " ago";
  }
}
