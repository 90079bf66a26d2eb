package dev.jubelet.kubelet.runtime.spec;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A resolver file's lines. As in the resolver itself the last `search` and the last `options` line
/// win (upstream `dns.parseResolvConf`).
public record ResolvConf(List<String> nameservers, List<String> searches, List<String> options) {
  public static final ResolvConf EMPTY = new ResolvConf(List.of(), List.of(), List.of());

  public ResolvConf {
    nameservers = List.copyOf(nameservers);
    searches = List.copyOf(searches);
    options = List.copyOf(options);
  }

  /// Never fails: lines that mean nothing are skipped.
  public static ResolvConf parse(String text) {
    List<String> nameservers = new ArrayList<>();
    List<String> searches = List.of();
    List<String> options = List.of();
    for (String line : text.lines().toList()) {
      String[] fields = line.strip().split("\\s+");
      List<String> rest = Arrays.asList(fields).subList(1, fields.length);
      switch (fields[0]) {
        case "nameserver" -> rest.stream().limit(1).forEach(nameservers::add);
        case "search" ->
          searches = rest.stream().map(ResolvConf::withoutRootDot).toList();
        case "options" -> options = rest;
        default -> {}
      }
    }
    return new ResolvConf(nameservers, searches, options);
  }

  private static String withoutRootDot(String domain) {
    return domain.length() > 1 && domain.endsWith(".")
        ? domain.substring(0, domain.length() - 1)
        : domain;
  }
}
