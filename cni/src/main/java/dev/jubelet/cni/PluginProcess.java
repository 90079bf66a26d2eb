package dev.jubelet.cni;

import dev.jubelet.linux.Launcher;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.node.ObjectNode;

/// Runs one plugin once: environment and configuration in, a JSON object or nothing out.
final class PluginProcess {
  /// No honest result comes near it.
  private static final int MAX_OUTPUT = 1024 * 1024;

  /// Of an error without an error object, this much of stderr is passed on.
  private static final int MAX_QUOTE = 1024;

  /// Variables of ours that mean something else to a child.
  private static final Set<String> NOT_INHERITED =
      Set.of("NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC", "LISTEN_FDS", "LISTEN_PID");

  private static final String SYSTEM_PATH =
      "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private final PluginDirs dirs;
  private final PluginListener listener;

  PluginProcess(PluginDirs dirs, PluginListener listener) {
    this.dirs = dirs;
    this.listener = listener;
  }

  /// Returns what the plugin printed; empty when it printed nothing.
  ///
  /// @param attachment absent for VERSION, STATUS and GC
  Optional<ObjectNode> run(
      String type, String command, Optional<Attachment> attachment, byte[] stdin, Duration deadline)
      throws CniException, InterruptedException {
    PluginListener.Run run =
        listener.started(type, command, attachment.map(Attachment::containerId).orElse(""));
    try {
      Optional<ObjectNode> answer = launch(type, command, attachment, stdin, deadline);
      run.ended(Optional.empty());
      return answer;
    } catch (CniException | InterruptedException | RuntimeException e) {
      run.ended(Optional.of(e));
      throw e;
    }
  }

  private Optional<ObjectNode> launch(
      String type, String command, Optional<Attachment> attachment, byte[] stdin, Duration deadline)
      throws CniException, InterruptedException {
    Path program = dirs.find(type);
    if (deadline.isZero()) {
      throw failed(type, command, "no time was left to start it");
    }
    Launcher.Result result;
    try {
      result = Launcher.run(new Launcher.Command(
          List.of(program.toString()),
          environment(command, attachment),
          stdin,
          deadline,
          MAX_OUTPUT));
    } catch (IOException e) {
      throw failed(type, command, "cannot run " + program + ": " + e.getMessage());
    }
    if (result.timedOut()) {
      throw failed(
          type,
          command,
          "it did not answer within %.1f s and was killed".formatted(deadline.toMillis() / 1000.0));
    }
    if (result.truncated()) {
      throw failed(type, command, "it printed more than " + MAX_OUTPUT + " bytes");
    }
    if (result.exitCode() != 0) {
      throw error(type, command, result);
    }
    return answer(type, command, result.stdout());
  }

  private Map<String, String> environment(String command, Optional<Attachment> attachment) {
    Map<String, String> environment = new HashMap<>(System.getenv());
    environment.keySet().removeIf(key -> key.startsWith("CNI_") || NOT_INHERITED.contains(key));
    // Plugins call iptables and the like, which a user's PATH may lack.
    environment.merge("PATH", SYSTEM_PATH, (ours, system) -> ours + ":" + system);
    environment.put("CNI_COMMAND", command);
    environment.put("CNI_PATH", dirs.path());
    attachment.ifPresent(place -> {
      environment.put("CNI_CONTAINERID", place.containerId());
      environment.put("CNI_NETNS", place.netns());
      environment.put("CNI_IFNAME", place.ifName());
      environment.put("CNI_ARGS", place.argsText());
    });
    return environment;
  }

  static Optional<ObjectNode> answer(String type, String command, byte[] stdout)
      throws CniException {
    if (new String(stdout, StandardCharsets.UTF_8).isBlank()) {
      return Optional.empty();
    }
    try {
      return Optional.of(Json.object(stdout, "what it printed"));
    } catch (JacksonException e) {
      throw failed(type, command, "what it printed is not JSON: " + e.getOriginalMessage());
    } catch (CniException e) {
      throw failed(type, command, String.valueOf(e.getMessage()));
    }
  }

  /// The error object on stdout, or what is there instead.
  static CniException error(String type, String command, Launcher.Result result) {
    String exit = result.exitCode() > 128
        ? "it was ended by signal " + (result.exitCode() - 128)
        : "it exited with " + result.exitCode();
    try {
      ObjectNode object = Json.object(result.stdout(), "error");
      String message = object.path("msg").stringValue("");
      String details = object.path("details").stringValue("");
      if (message.isEmpty() && details.isEmpty()) {
        return failed(type, command, exit + " and an error without a message");
      }
      String text = details.isEmpty() ? message : message + "; " + details;
      return new CniException(
          type, object.path("code").asInt(-1), details, prefix(type, command) + text);
    } catch (CniException | JacksonException _) {
      String said = quote(result.stderr().length > 0 ? result.stderr() : result.stdout());
      return failed(type, command, exit + (said.isEmpty() ? " and no message" : ": " + said));
    }
  }

  private static String quote(byte[] output) {
    int length = Math.min(output.length, MAX_QUOTE);
    String text = new String(output, 0, length, StandardCharsets.UTF_8);
    return text.replaceAll("\\p{Cntrl}+", " ").strip();
  }

  static CniException failed(String type, String command, String text) {
    return new CniException(type, -1, "", prefix(type, command) + text);
  }

  private static String prefix(String type, String command) {
    String verb = command.equals("DEL") ? "delete" : command.toLowerCase(Locale.ROOT);
    return "plugin type=\"" + type + "\" failed (" + verb + "): ";
  }
}
