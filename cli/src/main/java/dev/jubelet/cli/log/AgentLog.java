package dev.jubelet.cli.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import ch.qos.logback.core.joran.spi.ConsoleTarget;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where this process's log lines go and how many: a readable line each, as klog writes them.
public final class AgentLog {

  /// A log file that is longer when a process starts is put aside once, as `<name>.1`.
  private static final long MAX_FILE_BYTES = 20L * 1024 * 1024;

  private AgentLog() {}

  /// For an agent in the foreground.
  public static void toStderr(int verbosity) {
    configure(stderr(), verbosity);
  }

  /// For an agent whose terminal shows something else. Appends.
  public static void toFile(Path file, int verbosity) throws IOException {
    Path parent = file.toAbsolutePath().getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    if (Files.exists(file) && Files.size(file) > MAX_FILE_BYTES) {
      Files.move(
          file,
          file.resolveSibling(file.getFileName() + ".1"),
          StandardCopyOption.REPLACE_EXISTING);
    }
    configure(
        Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND),
        verbosity);
  }

  /// Upstream's `--v` as a level of ours.
  static Level level(int verbosity) {
    if (verbosity >= 6) {
      return Level.TRACE;
    }
    return verbosity >= 4 ? Level.DEBUG : Level.INFO;
  }

  private static void configure(OutputStream stream, int verbosity) {
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
      attach(context, stream);
      context.getLogger("dev.jubelet").setLevel(level(verbosity));
    }
  }

  /// Closing it (logback does, when something else takes its place) leaves the descriptor open.
  static OutputStream stderr() {
    return ConsoleTarget.SystemErr.getStream();
  }

  static void attach(LoggerContext context, OutputStream stream) {
    KlogLayout layout = new KlogLayout();
    layout.setContext(context);
    layout.start();
    LayoutWrappingEncoder<ILoggingEvent> encoder = new LayoutWrappingEncoder<>();
    encoder.setContext(context);
    encoder.setLayout(layout);
    OutputStreamAppender<ILoggingEvent> appender = new OutputStreamAppender<>();
    appender.setContext(context);
    appender.setEncoder(encoder);
    encoder.start();
    appender.setOutputStream(stream);
    appender.start();
    ch.qos.logback.classic.Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    root.detachAndStopAllAppenders();
    root.addAppender(appender);
    root.setLevel(Level.WARN);
    // Its only warning is about SO_KEEPALIVE, which unix sockets do not have.
    context.getLogger("io.netty").setLevel(Level.ERROR);
  }
}
