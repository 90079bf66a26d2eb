package dev.jubelet.cni;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/// One container's place on a network: what the specification calls an attachment.
///
/// @param netns path of the network namespace; empty when it is gone (DEL only)
/// @param args `CNI_ARGS`, in order
/// @param capabilityArgs values for `runtimeConfig` by capability; a plugin sees those it declares
public record Attachment(
    String containerId,
    String netns,
    String ifName,
    Map<String, String> args,
    Map<String, JsonNode> capabilityArgs) {

  private static final Pattern CONTAINER_ID = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.\\-]*");
  private static final Pattern IF_NAME = Pattern.compile("[^\\s/:]{1,15}");

  /// @throws IllegalArgumentException for an id, interface or argument that the specification
  ///     forbids
  public Attachment {
    args = Collections.unmodifiableMap(new LinkedHashMap<>(args));
    capabilityArgs = Collections.unmodifiableMap(new LinkedHashMap<>(capabilityArgs));
    require(CONTAINER_ID.matcher(containerId).matches(), "container id", containerId);
    boolean dots = ifName.equals(".") || ifName.equals("..");
    require(IF_NAME.matcher(ifName).matches() && !dots, "interface name", ifName);
    args.forEach((key, value) ->
        require(key.indexOf('=') < 0 && (key + value).indexOf(';') < 0, "CNI argument", key));
  }

  private static void require(boolean ok, String what, String value) {
    if (!ok) {
      throw new IllegalArgumentException(what + " \"" + value + "\" is not allowed by CNI");
    }
  }

  /// The same place without its namespace, as DEL needs it after the container died.
  public Attachment withoutNetns() {
    return new Attachment(containerId, "", ifName, args, capabilityArgs);
  }

  /// The text of `CNI_ARGS`.
  String argsText() {
    StringBuilder text = new StringBuilder();
    args.forEach((key, value) ->
        text.append(text.isEmpty() ? "" : ";").append(key).append('=').append(value));
    return text.toString();
  }
}
