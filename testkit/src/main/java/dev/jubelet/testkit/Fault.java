package dev.jubelet.testkit;

import java.time.Duration;

/// What goes wrong with an answer of a fake.
public sealed interface Fault {
  /// This status and message instead of the answer; nothing is carried out.
  record Status(int code, String message) implements Fault {}

  /// The answer comes, later.
  record Delay(Duration time) implements Fault {}

  /// After so many bytes of the answer nothing more comes until the faults are healed.
  record Hang(int afterBytes) implements Fault {}

  /// After so many bytes of the answer the connection ends.
  record Cut(int afterBytes) implements Fault {}

  /// These bytes instead of an answer, and the end.
  record Garbage(String raw) implements Fault {}
}
