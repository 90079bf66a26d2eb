package dev.jubelet.dockershim.image;

import dev.jubelet.cri.v1.ImageStatusRequest;
import dev.jubelet.cri.v1.ImageStatusResponse;
import dev.jubelet.dockershim.CriException;
import dev.jubelet.dockershim.docker.DockerApi.ImageInspect;
import dev.jubelet.dockershim.docker.DockerException;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// `ImageStatus`: an image by id, tag or digest name; an empty answer when the engine lacks it. The
/// verbose form adds `info`: the labels and the image's configuration in OCI's words.
public final class ImageStatus {
  private static final JsonMapper JSON = new JsonMapper();

  private final KnownImages images;
  private final Pinned pinned;

  public ImageStatus(KnownImages images, Pinned pinned) {
    this.images = images;
    this.pinned = pinned;
  }

  public ImageStatusResponse call(ImageStatusRequest request) throws DockerException {
    String reference = request.getImage().getImage();
    if (reference.isEmpty()) {
      throw CriException.invalid("image.image: is empty, name an image");
    }
    Optional<ImageInspect> found = images.find(reference);
    ImageStatusResponse.Builder answer = ImageStatusResponse.newBuilder();
    if (found.isPresent()) {
      ImageInspect image = found.get();
      answer.setImage(ImageView.of(image, pinned.holds(image.id(), image.repoTags())));
      if (request.getVerbose()) {
        answer.putInfo("info", info(image));
      }
    }
    return answer.build();
  }

  private static String info(ImageInspect image) {
    ObjectNode info = JSON.createObjectNode();
    ObjectNode labels = info.putObject("labels");
    image.labels().forEach(labels::put);
    try {
      JsonNode raw = JSON.readTree(image.raw());
      ObjectNode spec = info.putObject("imageSpec");
      copy(raw, "Created", spec, "created");
      copy(raw, "Author", spec, "author");
      copy(raw, "Architecture", spec, "architecture");
      copy(raw, "Os", spec, "os");
      copy(raw, "Config", spec, "config");
      ObjectNode layers = spec.putObject("rootfs").put("type", "layers");
      copy(raw.path("RootFS"), "Layers", layers, "diff_ids");
    } catch (JacksonException e) {
      info.remove("imageSpec");
    }
    return JSON.writeValueAsString(info);
  }

  private static void copy(JsonNode from, String field, ObjectNode to, String as) {
    JsonNode value = from.path(field);
    if (!value.isMissingNode() && !value.isNull()) {
      to.set(as, value);
    }
  }
}
