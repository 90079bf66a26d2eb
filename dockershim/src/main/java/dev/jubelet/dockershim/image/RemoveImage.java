package dev.jubelet.dockershim.image;

import dev.jubelet.cri.v1.RemoveImageRequest;
import dev.jubelet.cri.v1.RemoveImageResponse;
import dev.jubelet.dockershim.CriException;
import dev.jubelet.dockershim.docker.DockerApi;
import dev.jubelet.dockershim.docker.DockerApi.ImageInspect;
import dev.jubelet.dockershim.docker.DockerException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// `RemoveImage` by any reference: all names of the image, then the image. A missing one is removed
/// already; an image that a container uses keeps its last name and is an error.
public final class RemoveImage {
  private final DockerApi docker;
  private final KnownImages images;

  public RemoveImage(DockerApi docker, KnownImages images) {
    this.docker = docker;
    this.images = images;
  }

  public RemoveImageResponse call(RemoveImageRequest request) throws DockerException {
    String reference = request.getImage().getImage();
    if (reference.isEmpty()) {
      throw CriException.invalid("image.image: is empty, name an image");
    }
    Optional<ImageInspect> image = docker.inspectImage(reference);
    if (image.isPresent()) {
      try {
        remove(image.get());
      } finally {
        images.forget();
      }
    }
    return RemoveImageResponse.getDefaultInstance();
  }

  private void remove(ImageInspect image) throws DockerException {
    List<String> names = new ArrayList<>(image.repoTags());
    names.addAll(image.repoDigests());
    names.add(image.id());
    @Nullable DockerException first = null;
    for (String name : names) {
      try {
        docker.removeImage(name, false);
      } catch (DockerException e) {
        // The last name took the image, and with it the names that follow.
        first = e.isNotFound() || first != null ? first : e;
      }
    }
    // Somebody else may be removing it at this moment: it must be away when we answer.
    if (docker.inspectImage(image.id()).isPresent()) {
      if (first != null) {
        throw first;
      }
      docker.removeImage(image.id(), false);
    }
  }
}
