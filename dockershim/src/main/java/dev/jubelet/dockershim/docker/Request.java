package dev.jubelet.dockershim.docker;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One call of the Engine API. `operation` is its name in errors, spans and metrics (upstream's
/// `operation_type`); `path` begins after the version and is encoded already.
@SuppressWarnings("ArrayRecordComponent")
record Request(
    String operation,
    String method,
    String path,
    byte @Nullable [] body,
    Map<String, String> headers,
    Duration atMost) {

  static Request get(String operation, String path, Duration atMost) {
    return new Request(operation, "GET", path, null, Map.of(), atMost);
  }

  static Request post(String operation, String path, byte @Nullable [] body, Duration atMost) {
    return new Request(operation, "POST", path, body, Map.of(), atMost);
  }

  static Request delete(String operation, String path, Duration atMost) {
    return new Request(operation, "DELETE", path, null, Map.of(), atMost);
  }

  Request with(String header, String value) {
    Map<String, String> more = new java.util.HashMap<>(headers);
    more.put(header, value);
    return new Request(operation, method, path, body, more, atMost);
  }

  /// Whether sending it twice does no harm.
  boolean idempotent() {
    return method.equals("GET") || operation.equals("start_container");
  }

  /// The bytes on the wire.
  byte[] head(String version) {
    StringBuilder head = new StringBuilder(256)
        .append(method)
        .append(' ')
        .append(version.isEmpty() ? "" : "/v" + version)
        .append(path)
        .append(" HTTP/1.1\r\nHost: docker\r\nUser-Agent: jubelet\r\n");
    headers.forEach(
        (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
    if (body != null) {
      head.append("Content-Type: application/json\r\nContent-Length: ")
          .append(body.length)
          .append("\r\n");
    } else if (method.equals("POST") && !headers.containsKey("Transfer-Encoding")) {
      head.append("Content-Length: 0\r\n");
    }
    return HttpConnection.ascii(head.append("\r\n").toString());
  }

  static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
