package dev.jubelet.cli.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.LayoutBase;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/// `I1123 17:00:00.000000   12345 Dockershim] message`. An exception adds its chain of messages to
/// the line; its stack follows only for errors and when debugging.
final class KlogLayout extends LayoutBase<ILoggingEvent> {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern(
          "MMdd HH:mm:ss.SSSSSS", Locale.ROOT)
      .withZone(ZoneId.systemDefault());

  private final String pid =
      String.format(Locale.ROOT, "%7d", ProcessHandle.current().pid());

  @Override
  public String doLayout(ILoggingEvent event) {
    StringBuilder line = new StringBuilder(160);
    line.append(letter(event.getLevel()))
        .append(TIME.format(time(event)))
        .append(' ')
        .append(pid)
        .append(' ')
        .append(shortName(event.getLoggerName()))
        .append("] ")
        .append(oneLine(event.getFormattedMessage()));
    IThrowableProxy thrown = event.getThrowableProxy();
    for (IThrowableProxy cause = thrown; cause != null; cause = cause.getCause()) {
      line.append(": ").append(oneLine(describe(cause)));
    }
    line.append('\n');
    if (thrown != null && wantsStack(event, thrown)) {
      line.append(ThrowableProxyUtil.asString(thrown));
    }
    return line.toString();
  }

  /// Bugs come with their stack; what the world does to us comes in words.
  private static boolean wantsStack(ILoggingEvent event, IThrowableProxy thrown) {
    String type = thrown.getClassName();
    boolean bug = type.startsWith("java.lang.") && !type.equals("java.lang.InterruptedException");
    return bug || !event.getLevel().isGreaterOrEqual(Level.INFO);
  }

  private static String describe(IThrowableProxy cause) {
    String message = cause.getMessage();
    return message == null || message.isEmpty() ? shortName(cause.getClassName()) : message;
  }

  private static Instant time(ILoggingEvent event) {
    Instant instant = event.getInstant();
    return instant == null ? Instant.ofEpochMilli(event.getTimeStamp()) : instant;
  }

  private static String oneLine(String text) {
    return text.indexOf('\n') < 0 ? text : text.strip().replace("\n", "\\n");
  }

  private static String shortName(String name) {
    return name.substring(name.lastIndexOf('.') + 1);
  }

  private static char letter(Level level) {
    if (level.isGreaterOrEqual(Level.ERROR)) {
      return 'E';
    }
    return level.isGreaterOrEqual(Level.WARN) ? 'W' : 'I';
  }
}
