package dev.jubelet.dockershim.image;

import dev.jubelet.cri.v1.Image;
import dev.jubelet.cri.v1.ListImagesRequest;
import dev.jubelet.cri.v1.ListImagesResponse;
import dev.jubelet.dockershim.docker.DockerApi;
import dev.jubelet.dockershim.docker.DockerApi.ImageInspect;
import dev.jubelet.dockershim.docker.DockerApi.ImageSummary;
import dev.jubelet.dockershim.docker.DockerException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// `ListImages` and `StreamImages`: all images, or the one that the filter names in any way.
public final class ListImages {
  private final DockerApi docker;
  private final Pinned pinned;

  public ListImages(DockerApi docker, Pinned pinned) {
    this.docker = docker;
    this.pinned = pinned;
  }

  public ListImagesResponse call(ListImagesRequest request) throws DockerException {
    return ListImagesResponse.newBuilder()
        .addAllImages(images(request.getFilter().getImage().getImage()))
        .build();
  }

  /// @param reference an id, tag or digest name; empty means all
  public List<Image> images(String reference) throws DockerException {
    if (!reference.isEmpty()) {
      Optional<ImageInspect> one = docker.inspectImage(reference);
      return one.map(image -> List.of(ImageView.of(image, pinned(image)))).orElse(List.of());
    }
    List<Image> all = new ArrayList<>();
    for (ImageSummary image : docker.listImages(Optional.empty(), false)) {
      all.add(ImageView.of(image, pinned.holds(image.id(), image.repoTags())));
    }
    return all;
  }

  private boolean pinned(ImageInspect image) {
    return pinned.holds(image.id(), image.repoTags());
  }
}
