package dev.jubelet.dockershim.grpc;

import static dev.jubelet.dockershim.grpc.Answers.streaming;
import static dev.jubelet.dockershim.grpc.Answers.unary;

import dev.jubelet.cri.v1.Image;
import dev.jubelet.cri.v1.ImageFsInfoRequest;
import dev.jubelet.cri.v1.ImageFsInfoResponse;
import dev.jubelet.cri.v1.ImageServiceGrpc;
import dev.jubelet.cri.v1.ImageStatusRequest;
import dev.jubelet.cri.v1.ImageStatusResponse;
import dev.jubelet.cri.v1.ListImagesRequest;
import dev.jubelet.cri.v1.ListImagesResponse;
import dev.jubelet.cri.v1.PullImageRequest;
import dev.jubelet.cri.v1.PullImageResponse;
import dev.jubelet.cri.v1.RemoveImageRequest;
import dev.jubelet.cri.v1.RemoveImageResponse;
import dev.jubelet.cri.v1.StreamImagesRequest;
import dev.jubelet.cri.v1.StreamImagesResponse;
import dev.jubelet.dockershim.image.ImageFsInfo;
import dev.jubelet.dockershim.image.ImageStatus;
import dev.jubelet.dockershim.image.ListImages;
import dev.jubelet.dockershim.image.PullImage;
import dev.jubelet.dockershim.image.RemoveImage;
import io.grpc.Context;
import io.grpc.stub.StreamObserver;
import java.util.List;

/// The image service: each call is decoded, handed to its verb, and the answer encoded.
public final class ImageServiceHandler extends ImageServiceGrpc.ImageServiceImplBase {
  private static final int CHUNK = 100;

  private final Verbs verbs;

  /// The verbs of the image service, one class each.
  public record Verbs(
      ListImages listImages,
      ImageStatus imageStatus,
      PullImage pullImage,
      RemoveImage removeImage,
      ImageFsInfo imageFsInfo) {}

  public ImageServiceHandler(Verbs verbs) {
    this.verbs = verbs;
  }

  @Override
  public void listImages(ListImagesRequest request, StreamObserver<ListImagesResponse> observer) {
    unary("ListImages", observer, () -> verbs.listImages().call(request));
  }

  @Override
  public void streamImages(
      StreamImagesRequest request, StreamObserver<StreamImagesResponse> observer) {
    streaming("StreamImages", observer, () -> {
      List<Image> images =
          verbs.listImages().images(request.getFilter().getImage().getImage());
      for (int from = 0; from < images.size(); from += CHUNK) {
        List<Image> some = images.subList(from, Math.min(images.size(), from + CHUNK));
        observer.onNext(StreamImagesResponse.newBuilder().addAllImages(some).build());
      }
    });
  }

  @Override
  public void imageStatus(
      ImageStatusRequest request, StreamObserver<ImageStatusResponse> observer) {
    unary("ImageStatus", observer, () -> verbs.imageStatus().call(request));
  }

  /// The one call that may take hours: it ends when its caller goes away.
  @Override
  public void pullImage(PullImageRequest request, StreamObserver<PullImageResponse> observer) {
    Thread pulling = Thread.currentThread();
    Context.CancellationListener gone = context -> pulling.interrupt();
    Context call = Context.current();
    call.addListener(gone, Runnable::run);
    try {
      unary("PullImage", observer, () -> verbs.pullImage().call(request));
    } finally {
      call.removeListener(gone);
    }
  }

  @Override
  public void removeImage(
      RemoveImageRequest request, StreamObserver<RemoveImageResponse> observer) {
    unary("RemoveImage", observer, () -> verbs.removeImage().call(request));
  }

  @Override
  public void imageFsInfo(
      ImageFsInfoRequest request, StreamObserver<ImageFsInfoResponse> observer) {
    unary("ImageFsInfo", observer, () -> verbs.imageFsInfo().call());
  }
}
