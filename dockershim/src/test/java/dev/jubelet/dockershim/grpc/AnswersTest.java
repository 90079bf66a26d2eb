package dev.jubelet.dockershim.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jubelet.dockershim.CriException;
import dev.jubelet.dockershim.docker.DockerException;
import dev.jubelet.dockershim.network.NetworkException;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class AnswersTest {
  static Stream<Arguments> errors() {
    return Stream.of(
        Arguments.of(CriException.notFound("x"), Code.NOT_FOUND),
        Arguments.of(new IllegalArgumentException("x"), Code.INVALID_ARGUMENT),
        Arguments.of(new DockerException("x", 404, "x", false), Code.NOT_FOUND),
        Arguments.of(new DockerException("x", 409, "x", false), Code.UNKNOWN),
        Arguments.of(new DockerException("x", 0, "x", true), Code.DEADLINE_EXCEEDED),
        Arguments.of(new DockerException("x", "x", new IOException("x")), Code.UNAVAILABLE),
        Arguments.of(new TimeoutException("x"), Code.DEADLINE_EXCEEDED),
        Arguments.of(new IOException("x"), Code.UNKNOWN),
        Arguments.of(new NetworkException("x"), Code.UNKNOWN),
        Arguments.of(new NullPointerException("x"), Code.INTERNAL),
        Arguments.of(new StackOverflowError("x"), Code.INTERNAL));
  }

  @ParameterizedTest
  @MethodSource("errors")
  void eachErrorIsAStatusWithItsText(Throwable error, Code code) {
    Status status = Answers.status(error);
    assertThat(status.getCode()).isEqualTo(code);
    assertThat(status.getDescription()).contains("x");
  }

  @Test
  void nothingThatAVerbThrowsGetsOut() {
    Recording observer = new Recording();
    Answers.unary("Verb", observer, () -> {
      throw new StackOverflowError("deep");
    });
    assertThat(observer.errors)
        .singleElement()
        .satisfies(e -> assertThat(Status.fromThrowable(e).getCode()).isEqualTo(Code.INTERNAL));
  }

  @Test
  void anAnswerIsSentOnce() {
    Recording observer = new Recording();
    Answers.unary("Verb", observer, () -> "yes");
    assertThat(observer.values).containsExactly("yes");
    assertThat(observer.completed).isTrue();
    assertThat(observer.errors).isEmpty();
  }

  @Test
  void anInterruptIsKept() {
    Recording observer = new Recording();
    Answers.streaming("Verb", observer, () -> {
      throw new InterruptedException("stop");
    });
    assertThat(Thread.interrupted()).isTrue();
    assertThat(observer.errors)
        .singleElement()
        .satisfies(e -> assertThat(Status.fromThrowable(e).getCode()).isEqualTo(Code.CANCELLED));
  }

  private static final class Recording implements StreamObserver<String> {
    private final List<String> values = new ArrayList<>();
    private final List<Throwable> errors = new ArrayList<>();
    private boolean completed;

    @Override
    public void onNext(String value) {
      values.add(value);
    }

    @Override
    public void onError(Throwable error) {
      errors.add(error);
    }

    @Override
    public void onCompleted() {
      completed = true;
    }
  }
}
