package dev.jubelet.kubelet.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// `docs/configuration.md` says of every key and flag what the tables say.
class DocumentedTest {
  private static final Path PAGE = Path.of("../docs/configuration.md");

  @Test
  void everyKeyAndFlagStandsUnderWhatItsStateIs() throws IOException {
    String[] parts = Files.readString(PAGE).split("\n## ");
    Map<String, Tables.Key> keys = Tables.keys();
    List<String> missing = new ArrayList<>();
    keys.values().forEach(key -> {
      if (!section(parts, key.state()).contains("`" + key.path() + "`")) {
        missing.add(key.path());
      }
    });
    Tables.flags(Tables.keys()).values().stream()
        .filter(flag -> flag.key().isEmpty())
        .filter(flag -> !section(parts, flag.state()).contains("`--" + flag.name() + "`"))
        .forEach(flag -> missing.add(flag.name()));
    assertThat(missing).isEmpty();
  }

  private static String section(String[] parts, Tables.State state) {
    List<String> titles = switch (state) {
      case BUILT -> List.of("Keys that are built", "Flags of their own that are built");
      case LATER -> List.of("Accepted, not built yet");
      case NONE -> List.of("Accepted, without effect");
    };
    StringBuilder text = new StringBuilder();
    for (String part : parts) {
      if (titles.stream().anyMatch(part::startsWith)) {
        text.append(part);
      }
    }
    return text.toString();
  }
}
