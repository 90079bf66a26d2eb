package dev.jubelet.testkit;

import dev.jubelet.cri.v1.ImageServiceGrpc;
import dev.jubelet.cri.v1.ImageStatusRequest;
import dev.jubelet.cri.v1.ImageStatusResponse;
import dev.jubelet.cri.v1.ListImagesRequest;
import dev.jubelet.cri.v1.ListImagesResponse;
import dev.jubelet.cri.v1.PullImageRequest;
import dev.jubelet.cri.v1.PullImageResponse;
import io.grpc.stub.StreamObserver;

/// CRI's ImageService over [FakeCriState]; every image can be pulled.
final class FakeImageService extends ImageServiceGrpc.ImageServiceImplBase {
  private final FakeCriState state;

  FakeImageService(FakeCriState state) {
    this.state = state;
  }

  @Override
  public void listImages(ListImagesRequest request, StreamObserver<ListImagesResponse> out) {
    out.onNext(ListImagesResponse.newBuilder().addAllImages(state.images()).build());
    out.onCompleted();
  }

  @Override
  public void imageStatus(ImageStatusRequest request, StreamObserver<ImageStatusResponse> out) {
    ImageStatusResponse.Builder answer = ImageStatusResponse.newBuilder();
    state.image(request.getImage().getImage()).ifPresent(answer::setImage);
    out.onNext(answer.build());
    out.onCompleted();
  }

  @Override
  public void pullImage(PullImageRequest request, StreamObserver<PullImageResponse> out) {
    String image = request.getImage().getImage();
    state.addImage(image);
    out.onNext(PullImageResponse.newBuilder().setImageRef("sha256:" + image).build());
    out.onCompleted();
  }
}
