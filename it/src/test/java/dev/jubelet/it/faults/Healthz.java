package dev.jubelet.it.faults;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/// What a node says of itself at its standard place.
record Healthz(int status, String text) {

  /// Status 0 when nobody serves it.
  static Healthz get() {
    try {
      HttpURLConnection http = (HttpURLConnection)
          URI.create("http://127.0.0.1:10248/healthz").toURL().openConnection();
      http.setReadTimeout(10_000);
      int status = http.getResponseCode();
      try (var body = status < 400 ? http.getInputStream() : http.getErrorStream()) {
        return new Healthz(status, new String(body.readAllBytes(), StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      return new Healthz(0, e.toString());
    }
  }
}
