package dev.jubelet.cli.doctor;

/// One thing that is where it should not be, or not where it should be.
///
/// @param kind what it is, as one word: `container`, `ip-lease`, `pod-directory`, …
/// @param name an id, a path or a pod
/// @param why a sentence without a full stop
/// @param fix the command that removes it; empty when there is nothing to do
record Finding(Verdict verdict, String kind, String name, String why, String fix) {
  private static final int BRIEF = 12;

  enum Verdict {
    /// Carries our label, name or path and belongs to no pod.
    LEAK,
    /// A part that a pod should have.
    MISSING,
    /// Somebody else's: not touched, and no fault.
    FOREIGN
  }

  static Finding leak(String kind, String name, String why, String fix) {
    return new Finding(Verdict.LEAK, kind, name, why, fix);
  }

  static Finding missing(String kind, String name, String why, String fix) {
    return new Finding(Verdict.MISSING, kind, name, why, fix);
  }

  static Finding foreign(String kind, String name, String why) {
    return new Finding(Verdict.FOREIGN, kind, name, why, "");
  }

  /// Whether the machine is not as it should be.
  boolean trouble() {
    return verdict != Verdict.FOREIGN;
  }

  /// An id as the engine's client shows it.
  static String brief(String id) {
    return id.substring(0, Math.min(BRIEF, id.length()));
  }
}
