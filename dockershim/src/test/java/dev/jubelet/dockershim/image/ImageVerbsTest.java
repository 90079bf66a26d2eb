package dev.jubelet.dockershim.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.jubelet.cri.v1.AuthConfig;
import dev.jubelet.cri.v1.Image;
import dev.jubelet.cri.v1.ImageSpec;
import dev.jubelet.cri.v1.ImageStatusRequest;
import dev.jubelet.cri.v1.ListImagesRequest;
import dev.jubelet.cri.v1.PullImageRequest;
import dev.jubelet.cri.v1.RemoveImageRequest;
import dev.jubelet.dockershim.CriException;
import dev.jubelet.dockershim.docker.DockerApi.ImageSummary;
import dev.jubelet.dockershim.docker.DockerApi.RegistryAuth;
import dev.jubelet.dockershim.docker.DockerApiOptions;
import dev.jubelet.dockershim.docker.DockerException;
import dev.jubelet.dockershim.docker.HttpDockerApi;
import dev.jubelet.dockershim.state.EventFedState;
import dev.jubelet.linux.MountEntry;
import dev.jubelet.testkit.FakeDocker;
import dev.jubelet.testkit.Fault;
import dev.jubelet.trace.Recorder;
import io.grpc.Status;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageVerbsTest {
  private static final String ONE = "sha256:" + "1".repeat(64);
  private static final String TWO = "sha256:" + "2".repeat(64);

  @TempDir
  Path directory;

  private FakeDocker fake;
  private HttpDockerApi docker;
  private EventFedState state;
  private KnownImages images;
  private final Recorder traces = new Recorder(2, 10);
  private final Pinned pinned = new Pinned(() -> "docker.io/library/pause:3");

  @BeforeEach
  void start() {
    fake = FakeDocker.start(directory.resolve("docker.sock"));
    docker = new HttpDockerApi(fake.socket(), DockerApiOptions.timeout(Duration.ofSeconds(20)));
    state = new EventFedState(docker);
    images = new KnownImages(docker, state);
    fake.engine().addImage("busybox:1", ONE, Map.of("a", "b"));
    fake.engine().addImage("pause:3", TWO, Map.of());
  }

  @AfterEach
  void stop() {
    state.close();
    docker.close();
    fake.close();
    traces.close();
  }

  private static ImageSpec spec(String image) {
    return ImageSpec.newBuilder().setImage(image).build();
  }

  @Test
  void listsAllWithThePauseImagePinned() throws Exception {
    assertThat(new ListImages(docker, pinned)
            .call(ListImagesRequest.getDefaultInstance())
            .getImagesList())
        .extracting(Image::getId, Image::getPinned)
        .containsExactlyInAnyOrder(
            org.assertj.core.groups.Tuple.tuple(ONE, false),
            org.assertj.core.groups.Tuple.tuple(TWO, true));
  }

  @Test
  void aFilterNamesAnImageInAnyWay() throws Exception {
    ListImages list = new ListImages(docker, pinned);
    assertThat(list.images(ONE))
        .singleElement()
        .satisfies(image -> assertThat(image.getRepoTagsList()).containsExactly("busybox:1"));
    assertThat(list.images("pause:3")).hasSize(1);
    assertThat(list.images("nothing:1")).isEmpty();
  }

  @Test
  void statusTellsTheUserAndIsEmptyWithoutTheImage() throws Exception {
    ImageStatus status = new ImageStatus(images, pinned);
    var answer = status.call(ImageStatusRequest.newBuilder()
        .setImage(spec("busybox:1"))
        .setVerbose(true)
        .build());
    assertThat(answer.getImage().getUid().getValue()).isEqualTo(1002);
    assertThat(answer.getInfoOrThrow("info"))
        .contains("\"labels\":{\"a\":\"b\"}")
        .contains("\"Cmd\"");
    assertThat(status
            .call(ImageStatusRequest.newBuilder().setImage(spec("no:1")).build())
            .hasImage())
        .isFalse();
    assertThatExceptionOfType(CriException.class)
        .isThrownBy(() -> status.call(ImageStatusRequest.getDefaultInstance()))
        .withMessageContaining("image.image");
  }

  @Test
  void aPullAnswersTheIdThatEveryoneElseHas() throws Exception {
    fake.engine().publish("web:2", "sha256:" + "3".repeat(64));
    PullImage pull = new PullImage(docker, images, traces, Duration.ofSeconds(5));
    var answer = pull.call(PullImageRequest.newBuilder().setImage(spec("web:2")).build());
    assertThat(answer.getImageRef()).isEqualTo("sha256:" + "3".repeat(64));
    assertThat(new ListImages(docker, pinned).images("web:2").getFirst().getId())
        .isEqualTo(answer.getImageRef());
  }

  @Test
  void aRegistryThatIsAwayIsSaidInTheKubeletsWords() {
    fake.fault("POST /images/create", new Fault.Status(503, "gone fishing"));
    PullImage pull = new PullImage(docker, images, traces, Duration.ofSeconds(5));
    assertThatExceptionOfType(CriException.class)
        .isThrownBy(
            () -> pull.call(PullImageRequest.newBuilder().setImage(spec("x:1")).build()))
        .withMessageStartingWith("RegistryUnavailable: x:1: ")
        .withMessageContaining("gone fishing")
        .satisfies(e -> assertThat(e.code()).isEqualTo(Status.Code.UNAVAILABLE));
    fake.heal();
    assertThatExceptionOfType(DockerException.class)
        .isThrownBy(
            () -> pull.call(PullImageRequest.newBuilder().setImage(spec("x:1")).build()))
        .withMessageContaining("pull access denied for x:1");
  }

  @Test
  void credentialsMayComeAsOneField() {
    String both = Base64.getEncoder().encodeToString("me:se:cret".getBytes(StandardCharsets.UTF_8));
    assertThat(PullImage.auth(
            AuthConfig.newBuilder().setAuth(both).setServerAddress("r").build()))
        .contains(new RegistryAuth("me", "se:cret", "r", "", ""));
    assertThat(PullImage.auth(AuthConfig.getDefaultInstance())).isEmpty();
    assertThat(PullImage.auth(AuthConfig.newBuilder().setRegistryToken("t").build()))
        .isPresent();
    assertThatExceptionOfType(CriException.class)
        .isThrownBy(() -> PullImage.auth(AuthConfig.newBuilder().setAuth("***").build()))
        .withMessageContaining("auth.auth");
  }

  @Test
  void removesByAnyReferenceAndTwice() throws Exception {
    RemoveImage remove = new RemoveImage(docker, images);
    remove.call(RemoveImageRequest.newBuilder().setImage(spec("busybox:1")).build());
    remove.call(RemoveImageRequest.newBuilder().setImage(spec("busybox:1")).build());
    remove.call(RemoveImageRequest.newBuilder().setImage(spec(TWO)).build());
    assertThat(new ListImages(docker, pinned).images("")).isEmpty();
  }

  @Test
  void anImageInUseIsAnError() {
    fake.fault("DELETE /images/.*", new Fault.Status(409, "image is being used"));
    assertThatExceptionOfType(DockerException.class)
        .isThrownBy(() -> new RemoveImage(docker, images)
            .call(RemoveImageRequest.newBuilder().setImage(spec("busybox:1")).build()))
        .withMessageContaining("being used");
  }

  @Test
  void sharedPartsCountOnce() {
    assertThat(ImageFsInfo.used(List.of(image(100, 60), image(80, 60), image(7, 0), image(5, -1))))
        .isEqualTo(40 + 20 + 7 + 5 + 60);
  }

  private static ImageSummary image(long size, long shared) {
    return new ImageSummary("x", List.of(), List.of(), size, shared, Map.of());
  }

  @Test
  void theMountPointIsTheLongestThatHoldsTheDirectory() {
    assertThat(ImageFsInfo.mountPoint(
            Path.of("/var/lib/docker"),
            List.of(mount("/"), mount("/var/lib"), mount("/var/lib/dock"), mount("/srv"))))
        .isEqualTo("/var/lib");
  }

  private static MountEntry mount(String target) {
    return new MountEntry(
        1, 0, "8:1", "/", Path.of(target), List.of(), List.of(), "ext4", "/dev/a", List.of());
  }

  @Test
  void theFileSystemIsRealAndKept() throws Exception {
    ImageFsInfo info = new ImageFsInfo(docker, directory::toString);
    var answer = info.call();
    assertThat(answer.getImageFilesystems(0).getFsId().getMountpoint()).startsWith("/");
    assertThat(directory)
        .startsWith(Path.of(answer.getImageFilesystems(0).getFsId().getMountpoint()));
    assertThat(answer.getImageFilesystems(0).getUsedBytes().getValue()).isEqualTo(2000);
    assertThat(info.call()).isEqualTo(answer);
    assertThat(fake.count("GET /images/json")).isEqualTo(1);
  }
}
