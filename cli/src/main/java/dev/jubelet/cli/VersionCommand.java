package dev.jubelet.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/// `jubelet version`.
@Command(name = "version", description = "Prints the versions of the program and of its JVM.")
public final class VersionCommand implements Callable<Integer> {

  @Override
  public Integer call() {
    System.out.println("jubelet " + Version.text() + ", Java " + Runtime.version());
    return 0;
  }
}
