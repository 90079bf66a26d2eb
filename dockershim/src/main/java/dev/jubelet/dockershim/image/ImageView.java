package dev.jubelet.dockershim.image;

import dev.jubelet.cri.v1.Image;
import dev.jubelet.cri.v1.ImageSpec;
import dev.jubelet.cri.v1.Int64Value;
import dev.jubelet.dockershim.docker.DockerApi.ImageInspect;
import dev.jubelet.dockershim.docker.DockerApi.ImageSummary;
import java.util.List;

/// Docker's images as CRI's. The id is the same in every call: the engine's own digest.
final class ImageView {
  private ImageView() {}

  static Image of(ImageSummary image, boolean pinned) {
    return named(image.id(), image.repoTags(), image.repoDigests(), image.size(), pinned)
        .build();
  }

  static Image of(ImageInspect image, boolean pinned) {
    Image.Builder view =
        named(image.id(), image.repoTags(), image.repoDigests(), image.size(), pinned);
    user(view, image.user());
    return view.build();
  }

  private static Image.Builder named(
      String id, List<String> tags, List<String> digests, long size, boolean pinned) {
    return Image.newBuilder()
        .setId(id)
        .addAllRepoTags(tags)
        .addAllRepoDigests(digests)
        .setSize(size)
        .setSpec(ImageSpec.newBuilder().setImage(id))
        .setPinned(pinned);
  }

  /// The part before the colon: a number is a uid, anything else a name, nothing neither.
  private static void user(Image.Builder view, String user) {
    int colon = user.indexOf(':');
    String name = colon < 0 ? user : user.substring(0, colon);
    if (name.isEmpty()) {
      return;
    }
    try {
      view.setUid(Int64Value.newBuilder().setValue(Long.parseLong(name)));
    } catch (NumberFormatException e) {
      view.setUsername(name);
    }
  }
}
