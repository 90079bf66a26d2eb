package dev.jubelet.dockershim.grpc;

import dev.jubelet.dockershim.CriException;
import dev.jubelet.dockershim.docker.DockerException;
import dev.jubelet.dockershim.network.NetworkException;
import dev.jubelet.linux.KernelTimeoutException;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs a verb and sends its answer. The only place where an error becomes a gRPC status; nothing
/// that a verb throws ends the process.
final class Answers {
  private static final Logger log = LoggerFactory.getLogger(Answers.class);

  private Answers() {}

  static <A> void unary(String verb, StreamObserver<A> observer, Verb<A> body) {
    try {
      observer.onNext(body.call());
      observer.onCompleted();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      fail(verb, observer, e);
    } catch (Throwable e) {
      fail(verb, observer, e);
    }
  }

  /// A verb that sends its messages itself.
  static <A> void streaming(String verb, StreamObserver<A> observer, Sender body) {
    try {
      body.send();
      observer.onCompleted();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      fail(verb, observer, e);
    } catch (Throwable e) {
      fail(verb, observer, e);
    }
  }

  private static void fail(String verb, StreamObserver<?> observer, Throwable e) {
    Status status = status(e);
    if (status.getCode() == Status.Code.INTERNAL) {
      log.error("{} failed", verb, e);
    } else {
      log.debug("{}: {}", verb, status.getDescription());
    }
    try {
      observer.onError(status.asRuntimeException());
    } catch (RuntimeException gone) {
      log.debug("{}: nobody waits for the answer: {}", verb, gone.toString());
    }
  }

  static Status status(Throwable e) {
    Status.Code code = switch (e) {
      case CriException cri -> cri.code();
      case DockerException docker -> code(docker);
      case IllegalArgumentException _ -> Status.Code.INVALID_ARGUMENT;
      case TimeoutException _ -> Status.Code.DEADLINE_EXCEEDED;
      case KernelTimeoutException _ -> Status.Code.DEADLINE_EXCEEDED;
      case InterruptedException _ -> Status.Code.CANCELLED;
      case NetworkException _ -> Status.Code.UNKNOWN;
      case IOException _ -> Status.Code.UNKNOWN;
      default -> Status.Code.INTERNAL;
    };
    return Status.fromCode(code).withDescription(text(e)).withCause(e);
  }

  /// Java's file system exceptions often have the file as their whole message.
  private static String text(Throwable e) {
    return switch (e) {
      case NoSuchFileException missing -> missing.getFile() + ": no such file or directory";
      case AccessDeniedException denied -> denied.getFile() + ": permission denied";
      case FileAlreadyExistsException there -> there.getFile() + ": file exists";
      default -> e.getMessage() == null ? e.toString() : e.getMessage();
    };
  }

  private static Status.Code code(DockerException e) {
    if (e.isTimeout()) {
      return Status.Code.DEADLINE_EXCEEDED;
    }
    if (e.isUnavailable()) {
      return Status.Code.UNAVAILABLE;
    }
    return e.isNotFound() ? Status.Code.NOT_FOUND : Status.Code.UNKNOWN;
  }

  /// A verb's work.
  interface Verb<A> {
    A call() throws Exception;
  }

  /// A streaming verb's work.
  interface Sender {
    void send() throws Exception;
  }
}
