package dev.jubelet.dockershim.docker;

import dev.jubelet.dockershim.docker.DockerApi.ImageInspect;
import dev.jubelet.dockershim.docker.DockerApi.ImageSummary;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// Docker's image answers as our records. With the classic store an id is the digest of the image's
/// configuration, with containerd's that of its manifest or index; either way inspect, list and a
/// container's `Image` agree on it. The placeholder `<none>` of unnamed images is left out.
final class ImageJson {
  private ImageJson() {}

  static ImageInspect inspect(byte[] raw) throws DockerException {
    JsonNode node = Json.parse("inspect_image", raw);
    JsonNode config = node.path("Config");
    if (Json.text(node, "Id").isEmpty()) {
      String text = "the engine's answer is no image: it has no Id";
      throw new DockerException("inspect_image", 502, text, false);
    }
    String signal = Json.text(config, "StopSignal");
    return new ImageInspect(
        Json.text(node, "Id"),
        tags(Json.texts(node, "RepoTags")),
        named(Json.texts(node, "RepoDigests")),
        Math.max(0, Json.number(node, "Size")),
        Json.text(config, "User"),
        Json.map(config, "Labels"),
        Json.texts(config, "Entrypoint"),
        Json.texts(config, "Cmd"),
        signal.isEmpty() ? null : signal,
        new String(raw, StandardCharsets.UTF_8));
  }

  static List<ImageSummary> summaries(JsonNode list) {
    List<ImageSummary> all = new ArrayList<>();
    for (JsonNode node : list) {
      all.add(new ImageSummary(
          Json.text(node, "Id"),
          tags(Json.texts(node, "RepoTags")),
          named(Json.texts(node, "RepoDigests")),
          Math.max(0, Json.number(node, "Size")),
          Json.number(node, "SharedSize"),
          Json.map(node, "Labels")));
    }
    return List.copyOf(all);
  }

  /// With containerd's store an image that was pulled by digest has that as its tag.
  private static List<String> tags(List<String> names) {
    return named(names).stream().filter(name -> !name.contains("@")).toList();
  }

  private static List<String> named(List<String> names) {
    return names.stream().filter(name -> !name.contains("<none>")).toList();
  }
}
