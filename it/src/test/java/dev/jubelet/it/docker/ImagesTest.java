package dev.jubelet.it.docker;

import static dev.jubelet.it.Docker.docker;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.jubelet.cri.v1.Image;
import dev.jubelet.cri.v1.ImageSpec;
import dev.jubelet.cri.v1.ImageStatusRequest;
import dev.jubelet.cri.v1.PullImageRequest;
import dev.jubelet.cri.v1.RemoveImageRequest;
import dev.jubelet.dockershim.docker.DockerApiOptions;
import dev.jubelet.dockershim.docker.DockerException;
import dev.jubelet.dockershim.docker.HttpDockerApi;
import dev.jubelet.dockershim.image.ImageFsInfo;
import dev.jubelet.dockershim.image.ImageStatus;
import dev.jubelet.dockershim.image.KnownImages;
import dev.jubelet.dockershim.image.ListImages;
import dev.jubelet.dockershim.image.Pinned;
import dev.jubelet.dockershim.image.PullImage;
import dev.jubelet.dockershim.image.RemoveImage;
import dev.jubelet.dockershim.state.EventFedState;
import dev.jubelet.it.Engine;
import dev.jubelet.trace.Recorder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The image verbs against a real engine and a real registry.
class ImagesTest {
  private static final String REPOSITORY = "registry.test/it/images";

  private final HttpDockerApi docker =
      new HttpDockerApi(Engine.socket(), DockerApiOptions.timeout(Duration.ofSeconds(60)));
  private final Recorder traces = new Recorder(1, 10);
  private final Pinned pinned = new Pinned(() -> "jubelet/busybox:1");
  private final ListImages list = new ListImages(docker, pinned);
  private final EventFedState state = new EventFedState(docker);
  private final KnownImages images = new KnownImages(docker, state);
  private final ImageStatus status = new ImageStatus(images, pinned);
  private final RemoveImage remove = new RemoveImage(docker, images);
  private final PullImage pull = new PullImage(docker, images, traces, Duration.ofSeconds(30));

  @AfterEach
  void close() {
    state.close();
    docker.close();
    traces.close();
  }

  private static ImageSpec spec(String reference) {
    return ImageSpec.newBuilder().setImage(reference).build();
  }

  private String pull(String reference) throws Exception {
    return pull.call(PullImageRequest.newBuilder().setImage(spec(reference)).build())
        .getImageRef();
  }

  private void remove(String reference) throws Exception {
    remove.call(RemoveImageRequest.newBuilder().setImage(spec(reference)).build());
  }

  private boolean there(String reference) throws Exception {
    return status
        .call(ImageStatusRequest.newBuilder().setImage(spec(reference)).build())
        .hasImage();
  }

  @Test
  void oneIdEverywhereAndRemovalByAnyName() throws Exception {
    Path context = Files.createTempDirectory(Engine.work(), "image");
    Files.writeString(
        context.resolve("Dockerfile"), "FROM jubelet/busybox:1\nUSER 1002:7\nLABEL it=images\n");
    docker("build", "-q", "-t", REPOSITORY + ":1", context.toString());
    docker("tag", REPOSITORY + ":1", REPOSITORY + ":2");
    docker("push", "-q", REPOSITORY + ":1");
    docker("push", "-q", REPOSITORY + ":2");
    String digest = docker("inspect", "--format", "{{index .RepoDigests 0}}", REPOSITORY + ":1");
    remove(REPOSITORY + ":2");
    assertThat(there(REPOSITORY + ":1")).isFalse();
    remove(REPOSITORY + ":2");

    String id = pull(REPOSITORY + ":1");
    assertThat(pull(REPOSITORY + ":2")).isEqualTo(id);
    Image seen = status
        .call(
            ImageStatusRequest.newBuilder().setImage(spec(id)).setVerbose(true).build())
        .getImage();
    assertThat(seen.getId()).isEqualTo(id);
    assertThat(seen.getUid().getValue()).isEqualTo(1002);
    assertThat(seen.getRepoTagsList()).containsExactly(REPOSITORY + ":1", REPOSITORY + ":2");
    assertThat(list.images(""))
        .filteredOn(image -> image.getRepoTagsList().contains(REPOSITORY + ":1"))
        .extracting(Image::getId)
        .containsExactly(id);
    remove(digest);
    assertThat(there(id)).isFalse();

    assertThat(pull(digest)).isEqualTo(id);
    Image byDigest = list.images(digest).getFirst();
    assertThat(byDigest.getRepoTagsList()).isEmpty();
    assertThat(byDigest.getRepoDigestsList()).containsExactly(digest);
    remove(id);
    assertThat(there(digest)).isFalse();
  }

  @Test
  void whatIsNotThereIsSaid() {
    DockerException e =
        catchThrowableOfType(DockerException.class, () -> pull("registry.test/it/nothing:1"));
    assertThat(e).hasMessageContaining("registry.test/it/nothing");
  }

  @Test
  void thePinnedImageAndTheFileSystem() throws Exception {
    assertThat(list.images("jubelet/busybox:1").getFirst().getPinned()).isTrue();
    String root = docker.info().rootDir();
    var info = new ImageFsInfo(docker, () -> root).call().getImageFilesystems(0);
    assertThat(Path.of(root)).startsWith(Path.of(info.getFsId().getMountpoint()));
    assertThat(info.getUsedBytes().getValue()).isPositive();
  }
}
