package dev.jubelet.cli.doctor;

/// Something about the machine that pods will feel.
///
/// @param subject what it is about, as one word: `engine`, `daemon.json`, `network`, …
/// @param what a sentence without a full stop
/// @param fix what to do about it; empty when nothing needs to be done
record Advice(Level level, String subject, String what, String fix) {
  enum Level {
    /// Pods do not start, or stop.
    PROBLEM,
    /// Works, and will hurt.
    WARNING,
    /// Good to know.
    NOTE
  }

  static Advice problem(String subject, String what, String fix) {
    return new Advice(Level.PROBLEM, subject, what, fix);
  }

  static Advice warning(String subject, String what, String fix) {
    return new Advice(Level.WARNING, subject, what, fix);
  }

  static Advice note(String subject, String what) {
    return new Advice(Level.NOTE, subject, what, "");
  }
}
