package dev.jubelet.trace;

import java.util.ServiceLoader;

/// Is told of every step before and after its body, inside of its span: the place where tests
/// make a process die, fail or stop at an exact moment. Found by `ServiceLoader`; what is
/// distributed provides none.
public interface StepHook {
  /// What is used where nobody provides one.
  StepHook NONE = (_, _, _) -> {};

  /// Where in a step.
  enum Edge {
    /// Nothing of the step was done yet.
    BEFORE,
    /// The step was done without an error, and its caller does not know it yet.
    AFTER
  }

  /// @param kind see [Traces#KIND]
  /// @param name the step's, which is its span's
  /// @throws RuntimeException to make the step fail
  void reached(String kind, String name, Edge edge);

  /// The one that the class path provides.
  static StepHook provided() {
    return ServiceLoader.load(StepHook.class).findFirst().orElse(NONE);
  }
}
