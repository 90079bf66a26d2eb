package dev.jubelet.dockershim.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PauseImageTest {
  private final PauseImage image = new PauseImage();

  @Test
  void isTheSameEachTime() {
    assertThat(new PauseImage().archive()).isEqualTo(image.archive());
    assertThat(image.reference()).isEqualTo("jubelet/pause:" + TAG);
  }

  /// Change it with the program or the configuration, and only then.
  private static final String TAG = "d68024b94dc3";

  @Test
  void holdsConfigLayerAndManifestThatNameEachOther() throws Exception {
    Map<String, byte[]> files = untar(image.archive());

    String manifest = new String(files.get("manifest.json"), StandardCharsets.UTF_8);
    for (String name : files.keySet()) {
      if (!name.equals("manifest.json")) {
        assertThat(manifest).contains("\"" + name + "\"");
      }
    }
    assertThat(manifest).contains("\"" + image.reference() + "\"");
    byte[] layer = files.entrySet().stream()
        .filter(e -> e.getKey().endsWith("/layer.tar"))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElseThrow();
    byte[] program = untar(layer).get("pause");
    assertThat(program).startsWith(0x7f, 'E', 'L', 'F').hasSizeLessThan(1024);
  }

  /// A reader of its own, by the format's offsets, that checks the sums.
  private static Map<String, byte[]> untar(byte[] tar) throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    ByteArrayInputStream in = new ByteArrayInputStream(tar);
    while (true) {
      byte[] header = in.readNBytes(512);
      if (header[0] == 0) {
        return files;
      }
      String name = new String(header, 0, 100, StandardCharsets.US_ASCII).trim();
      int size = Integer.parseInt(new String(header, 124, 11, StandardCharsets.US_ASCII), 8);
      int sum = Integer.parseInt(new String(header, 148, 6, StandardCharsets.US_ASCII), 8);
      Arrays.fill(header, 148, 156, (byte) ' ');
      int actual = 0;
      for (byte b : header) {
        actual += b & 0xff;
      }
      assertThat(actual).as("checksum of %s", name).isEqualTo(sum);
      files.put(name, in.readNBytes(size));
      in.readNBytes((512 - size % 512) % 512);
    }
  }
}
